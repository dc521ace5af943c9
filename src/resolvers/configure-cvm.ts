import type { Context } from "../context.ts";
import { createInputError, type FieldProblem } from "../errors.ts";
import { commitUpdate } from "../upstream/commit-update.ts";
import { type HashProof, patchCvm, confirmCvmPatch as sendConfirmation } from "../upstream/cvm-patch.ts";
import { awaitTransaction } from "./await-transaction.ts";
import { type ConfigureCvmInput, readPatch } from "./configure-input.ts";
import { readCvmRef } from "./cvm-input.ts";
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
export async function configureCvm(ctx: Context, input: ConfigureCvmInput): Promise<ConfigureCvmResult> {
  const ref = readCvmRef(input.id, "input.id");
  const patch = readPatch(input);
  const prepareOnly = input.prepareOnly ?? false;
  if (prepareOnly && !(await ctx.loaders.cvm(ref)).kms.requiresOnChainHash) {
    const message =
      "This CVM's KMS is not on chain, so there is nothing to prepare: leave it out to apply the change.";
    throw createInputError([{ path: "input.prepareOnly", message }]);
  }
  return finishWrite(ctx, ref, await patchCvm(ctx.upstream, ref, patch, prepareOnly));
}

/** How long a second phase waits for its transaction, in seconds. */
type WaitInput = { readonly waitForTransactionSeconds?: number | null | undefined };

/** Applies the patch that waits under a compose hash, once the hash is registered. */
export async function confirmCvmPatch(
  ctx: Context,
  input: ProofInput & WaitInput & { readonly id: string },
): Promise<InProgress> {
  const ref = readCvmRef(input.id, "input.id");
  const proof = readProof(input);
  const send = () => sendConfirmation(ctx.upstream, ref, proof);
  return finishWrite(ctx, ref, await awaitTransaction(ctx, input.waitForTransactionSeconds, send));
}

/** In the place of a transaction hash: the REST API looks at the contract alone. */
const ALREADY_REGISTERED = "already-registered";
const NO_TRANSACTION = "0".repeat(64);

/**
 * Reads the proof of a prepared update, which needs no transaction where its hash is registered already: an
 * empty transaction hash, or one of zeros, which no transaction has.
 */
function readCommitProof(input: ProofInput): HashProof {
  if (input.transactionHash !== "" && input.transactionHash !== NO_TRANSACTION) return readProof(input);
  const { composeHash } = readProof({ ...input, transactionHash: NO_TRANSACTION });
  return { composeHash, transactionHash: ALREADY_REGISTERED };
}

/** Applies a prepared update by its commit token. Needs no credential: the token is one. */
export async function commitCvmUpdate(
  ctx: Context,
  input: ProofInput & WaitInput & { readonly id: string; readonly token: string },
): Promise<InProgress> {
  const ref = readCvmRef(input.id, "input.id");
  const proof = readCommitProof(input);
  if (input.token === "") throw createInputError([{ path: "input.token", message: "Must not be empty." }]);
  const send = () => commitUpdate(ctx.upstream, ref, input.token, proof);
  return finishWrite(ctx, ref, await awaitTransaction(ctx, input.waitForTransactionSeconds, send));
}
