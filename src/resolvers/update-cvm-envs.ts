import type { Context } from "../context.ts";
import { updateEnvs } from "../upstream/envs.ts";
import { ensureApprovedHash } from "./approved-hash.ts";
import { awaitTransaction, type WaitInput } from "./await-transaction.ts";
import { sealEnvChange } from "./env-change.ts";
import { type EnvInput, findEnvInputProblems } from "./env-input.ts";
import { assertNoProblems } from "./input-problem.ts";
import { type OptionalProofInput, readOptionalProof } from "./proof-input.ts";
import { runWrite, type WriteInput } from "./run-write.ts";
import { type ConfigureCvmResult, finishWrite } from "./update-result.ts";

/** The input of `updateCvmEnvs`. */
export type UpdateCvmEnvsInput = OptionalProofInput &
  WaitInput &
  WriteInput & {
    readonly env: EnvInput;
    readonly removeKeys?: readonly string[] | null | undefined;
  };

/** Replaces the environment, in either phase. */
export function updateCvmEnvs(ctx: Context, input: UpdateCvmEnvsInput): Promise<ConfigureCvmResult> {
  return runWrite(ctx, "updateCvmEnvs", input, (ref) => {
    const { env, removeKeys } = input;
    assertNoProblems(findEnvInputProblems({ env, removeKeys }, ctx.envPolicy.allowPlaintext));
    const proof = readOptionalProof(input);
    return async () => {
      const sealed = await sealEnvChange(ctx, ref, env, { removeKeys });
      if (proof !== null) await ensureApprovedHash(ctx, ref, { keys: sealed.keys }, proof.composeHash);
      const send = () => updateEnvs(ctx.upstream, ref, sealed, proof);
      return finishWrite(ctx, ref, await awaitTransaction(ctx, input.waitForTransactionSeconds, send));
    };
  });
}
