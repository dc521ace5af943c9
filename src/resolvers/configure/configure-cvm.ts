import type { Context } from "../../context.ts";
import { createInputError } from "../../errors.ts";
import { commitUpdate } from "../../upstream/configuration/commit-update.ts";
import { patchCvm, confirmCvmPatch as sendConfirmation } from "../../upstream/configuration/cvm-patch.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { sealEnvChange } from "../environment/env-change.ts";
import { awaitTransaction, type WaitInput } from "../write/await-transaction.ts";
import { type ProofInput, readCommitProof, readProof } from "../write/hash-proof.ts";
import { assertNoProblems } from "../write/input-problem.ts";
import { runWrite, type WriteInput } from "../write/run-write.ts";
import { type ConfigureCvmResult, finishWrite, type InProgress } from "../write/write-result.ts";
import { type ConfigureCvmInput, findConfigureProblems, toPatch } from "./configure-input.ts";
import { findDiskProblems, findImageProblems, findPrepareProblems } from "./pre-write-checks.ts";

/**
 * Applies several changes in one patch. What the gateway can know to fail is refused before anything is
 * written; only the reads that the given fields need are made, together.
 */
export function configureCvm(
  ctx: Context,
  input: ConfigureCvmInput & WriteInput,
): Promise<ConfigureCvmResult> {
  return runWrite(ctx, "configureCvm", input, (ref) => {
    assertNoProblems(findConfigureProblems(input, ctx.envPolicy.allowPlaintext));
    const prepareOnly = input.prepareOnly ?? false;
    return async () => {
      const [env, ...problems] = await Promise.all([
        input.env ? sealEnvChange(ctx, ref, input.env, input) : null,
        findDiskProblems(ctx, ref, input.diskSizeGb),
        findImageProblems(ctx, ref, input.image, "input.image"),
        prepareOnly ? findPrepareProblems(ctx, ref, input) : [],
      ]);
      assertNoProblems(problems.flat());
      return finishWrite(ctx, ref, await patchCvm(ctx.upstream, ref, toPatch(input, env), prepareOnly));
    };
  });
}

/** Applies the patch that waits under a compose hash, once the hash is registered. */
export function confirmCvmPatch(
  ctx: Context,
  input: ProofInput & WaitInput & WriteInput,
): Promise<InProgress> {
  return runWrite(ctx, "confirmCvmPatch", input, (ref) => {
    const proof = readProof(input);
    const send = () => sendConfirmation(ctx.upstream, ref, proof);
    return async () =>
      finishWrite(ctx, ref, await awaitTransaction(ctx, input.waitForTransactionSeconds, send));
  });
}

/** Applies a prepared update by its commit token. Needs no credential: the token is one. */
export function commitCvmUpdate(
  ctx: Context,
  input: ProofInput & WaitInput & WriteInput & { readonly token: string },
): Promise<InProgress> {
  const prepare = (ref: CvmRef) => {
    const proof = readCommitProof(input);
    if (input.token === "") throw createInputError([{ path: "input.token", message: "Must not be empty." }]);
    const send = () => commitUpdate(ctx.upstream, ref, input.token, proof);
    return async () =>
      finishWrite(ctx, ref, await awaitTransaction(ctx, input.waitForTransactionSeconds, send));
  };
  return runWrite(ctx, "commitCvmUpdate", input, prepare, input.token);
}
