import type { Context } from "../context.ts";
import { createInputError, type FieldProblem } from "../errors.ts";
import { commitUpdate } from "../upstream/commit-update.ts";
import { type HashProof, patchCvm, confirmCvmPatch as sendConfirmation } from "../upstream/cvm-patch.ts";
import type { CvmRef } from "../upstream/cvm-ref.ts";
import { type ConfigureCvmInput, readPatch } from "./configure-input.ts";
import { runWrite, type WriteInput } from "./run-write.ts";
import { type ConfigureCvmResult, finishWrite, type InProgress } from "./update-result.ts";

/** A compose hash and its transaction, bare hex as the `Hex` scalar gives it. */
export type ProofInput = { readonly composeHash: string; readonly transactionHash: string };

/**
 * Checks the two hashes of a second phase; both have 32 bytes.
 *
 * @throws {GatewayError} `BAD_USER_INPUT`
 */
export function readProof({ composeHash, transactionHash }: ProofInput): HashProof {
  const problems: FieldProblem[] = Object.entries({ composeHash, transactionHash })
    .filter(([, hash]) => hash.length !== 64)
    .map(([name]) => ({ path: `input.${name}`, message: "Expected 32 bytes in hex." }));
  if (problems.length > 0) throw createInputError(problems);
  return { composeHash, transactionHash: `0x${transactionHash}` };
}

/**
 * Applies several changes in one patch. A prepare-only patch is refused where the CVM needs no registered
 * hash, since the REST API would apply it at once there.
 */
export function configureCvm(
  ctx: Context,
  input: ConfigureCvmInput & WriteInput,
): Promise<ConfigureCvmResult> {
  return runWrite(ctx, "configureCvm", input, (ref) => {
    const patch = readPatch(input);
    const prepareOnly = input.prepareOnly ?? false;
    return async () => {
      if (prepareOnly && !(await ctx.loaders.cvm(ref)).kms.requiresOnChainHash) {
        const message =
          "This CVM's KMS is not on chain, so there is nothing to prepare: leave it out to apply the change.";
        throw createInputError([{ path: "input.prepareOnly", message }]);
      }
      return finishWrite(ctx, ref, await patchCvm(ctx.upstream, ref, patch, prepareOnly));
    };
  });
}

/** Applies the patch that waits under a compose hash, once the hash is registered. */
export function confirmCvmPatch(ctx: Context, input: ProofInput & WriteInput): Promise<InProgress> {
  return runWrite(ctx, "confirmCvmPatch", input, (ref) => {
    const proof = readProof(input);
    return async () => finishWrite(ctx, ref, await sendConfirmation(ctx.upstream, ref, proof));
  });
}

/** Applies a prepared update by its commit token. Needs no credential: the token is one. */
export function commitCvmUpdate(
  ctx: Context,
  input: ProofInput & WriteInput & { readonly token: string },
): Promise<InProgress> {
  const prepare = (ref: CvmRef) => {
    const proof = readProof(input);
    if (input.token === "") throw createInputError([{ path: "input.token", message: "Must not be empty." }]);
    return async () => finishWrite(ctx, ref, await commitUpdate(ctx.upstream, ref, input.token, proof));
  };
  return runWrite(ctx, "commitCvmUpdate", input, prepare, input.token);
}
