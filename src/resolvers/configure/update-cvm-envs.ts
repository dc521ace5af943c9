import type { UpdateCvmEnvsInput } from "../../schema/input/update-cvm-envs.ts";
import { type EncryptedEnv, updateEnvs } from "../../upstream/configuration/envs.ts";
import type { HashProof } from "../../upstream/configuration/hash-proof.ts";
import type { WriteOutcome } from "../../upstream/configuration/write-outcome.ts";
import { assertApprovedHash } from "../compose/approved-hash.ts";
import { encryptEnvironment } from "../environment/encrypt-environment.ts";
import { findEnvironmentProblems } from "../environment/environment-change.ts";
import { findOptionalProofProblems, toOptionalProof } from "../write/hash-proof.ts";
import type { Write } from "../write/types.ts";

type Payload = { readonly environment: EncryptedEnv; readonly proof: HashProof | null };

/** Replace the environment, in either phase. */
export const updateCvmEnvs: Write<UpdateCvmEnvsInput, Payload, WriteOutcome> = {
  name: "updateCvmEnvs",
  check: (input, { envPolicy }) => [
    ...findEnvironmentProblems(input, envPolicy.allowPlaintext),
    ...findOptionalProofProblems(input),
  ],
  async prepare(ctx, ref, input) {
    const environment = await encryptEnvironment(ctx, ref, input);
    const proof = toOptionalProof(input);
    if (proof !== null) {
      const change = environment.keys === null ? {} : { allowedEnvs: environment.keys };
      await assertApprovedHash(ctx, ref, change, proof.composeHash);
    }
    return { environment, proof };
  },
  send: (ctx, ref, { environment, proof }) => updateEnvs(ctx.upstream, ref, environment, proof),
};
