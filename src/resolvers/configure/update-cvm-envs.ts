import type { UpdateCvmEnvsInput } from "../../schema/input/update-cvm-envs.ts";
import { type EncryptedEnv, updateEnvs } from "../../upstream/configuration/envs.ts";
import type { WriteOutcome } from "../../upstream/configuration/write-outcome.ts";
import { type Approval, prepareApproval, sendApproved } from "../compose/approved-hash.ts";
import { encryptEnvironment } from "../environment/encrypt-environment.ts";
import { chooseAllowedKeys, findEnvironmentProblems } from "../environment/environment-change.ts";
import { findLostKeyProblems } from "../environment/lost-keys.ts";
import { findOptionalProofProblems, toOptionalProof } from "../registration/hash-proof.ts";
import { assertNoProblems } from "../write/input-problem.ts";
import type { Write } from "../write/types.ts";

type Payload = { readonly environment: EncryptedEnv; readonly approval: Approval };

/** Replace the environment, in either phase. */
export const updateCvmEnvs: Write<UpdateCvmEnvsInput, Payload, WriteOutcome> = {
  name: "updateCvmEnvs",
  check: (input, { envPolicy }) => [
    ...findEnvironmentProblems(input, envPolicy.allowPlaintext),
    ...findOptionalProofProblems(input),
  ],
  async prepare(ctx, ref, input) {
    const [problems, environment] = await Promise.all([
      findLostKeyProblems(ctx, ref, input),
      encryptEnvironment(ctx, ref, input),
    ]);
    assertNoProblems(problems);
    const change = { allowedEnvs: environment.keys ?? undefined };
    return {
      environment,
      approval: await prepareApproval(ctx, ref, input, toOptionalProof(input), change),
    };
  },
  send: (ctx, ref, { environment, approval }) =>
    sendApproved(approval, (proof) => updateEnvs(ctx.upstream, ref, environment, proof)),
  listMeasured: (input, present) => ({ allowedEnvs: chooseAllowedKeys(input, present) ?? undefined }),
};
