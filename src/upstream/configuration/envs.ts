import type { CvmRef } from "../cvm-ref.ts";
import type { Upstream } from "../transport/types.ts";
import type { HashProof } from "./cvm-patch.ts";
import { parseUpdateOutcome, UPDATE_STATUSES, type UpdateOutcome } from "./write-outcome.ts";

/** A sealed environment, lower-case hex, and its keys; null keys leave the CVM's list as it is. */
export type SealedEnv = { readonly encryptedEnv: string; readonly keys: readonly string[] | null };

/** `PATCH /cvms/{id}/envs`. This endpoint takes the proof of the second phase in its body. */
export async function updateEnvs(
  upstream: Upstream,
  ref: CvmRef,
  { encryptedEnv, keys }: SealedEnv,
  proof: HashProof | null,
): Promise<UpdateOutcome> {
  const reply = await upstream.send({
    method: "PATCH",
    path: ["cvms", ref, "envs"],
    body: {
      json: {
        encrypted_env: encryptedEnv,
        ...(keys === null ? {} : { env_keys: keys }),
        ...(proof === null
          ? {}
          : { compose_hash: proof.composeHash, transaction_hash: proof.transactionHash }),
      },
    },
    accept: UPDATE_STATUSES,
    effect: "write",
  });
  return parseUpdateOutcome(reply);
}
