import type { Context } from "../../context.ts";
import { updateEnvs } from "../../upstream/configuration/envs.ts";
import { ensureApprovedHash } from "../compose/approved-hash.ts";
import { sealEnvChange } from "../environment/env-change.ts";
import { type EnvInput, findEnvInputProblems } from "../environment/env-input.ts";
import { awaitTransaction, type WaitInput } from "../write/await-transaction.ts";
import { type OptionalProofInput, readOptionalProof } from "../write/hash-proof.ts";
import { assertNoProblems } from "../write/input-problem.ts";
import { runWrite, type WriteInput } from "../write/run-write.ts";
import { type ConfigureCvmResult, finishWrite } from "../write/write-result.ts";

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
