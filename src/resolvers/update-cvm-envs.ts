import type { Context } from "../context.ts";
import { updateEnvs } from "../upstream/envs.ts";
import { ensureApprovedHash } from "./approved-hash.ts";
import { awaitTransaction, type WaitInput } from "./await-transaction.ts";
import { readCvmRef } from "./cvm-input.ts";
import { sealEnvChange } from "./env-change.ts";
import { type EnvInput, findEnvInputProblems } from "./env-input.ts";
import { assertNoProblems } from "./input-problem.ts";
import { type OptionalProofInput, readOptionalProof } from "./proof-input.ts";
import { type ConfigureCvmResult, finishWrite } from "./update-result.ts";

/** The input of `updateCvmEnvs`. */
export type UpdateCvmEnvsInput = OptionalProofInput &
  WaitInput & {
    readonly id: string;
    readonly env: EnvInput;
    readonly removeKeys?: readonly string[] | null | undefined;
  };

/** Replaces the environment, in either phase. */
export async function updateCvmEnvs(ctx: Context, input: UpdateCvmEnvsInput): Promise<ConfigureCvmResult> {
  const ref = readCvmRef(input.id, "input.id");
  const { env, removeKeys } = input;
  assertNoProblems(findEnvInputProblems({ env, removeKeys }, ctx.envPolicy.allowPlaintext));
  const proof = readOptionalProof(input);
  const sealed = await sealEnvChange(ctx, ref, env, { removeKeys });
  if (proof !== null) await ensureApprovedHash(ctx, ref, { keys: sealed.keys }, proof.composeHash);
  const send = () => updateEnvs(ctx.upstream, ref, sealed, proof);
  return finishWrite(ctx, ref, await awaitTransaction(ctx, input.waitForTransactionSeconds, send));
}
