import type { CvmRef } from "../cvm-ref.ts";
import type { Upstream } from "../transport/types.ts";
import type { HashProof } from "./hash-proof.ts";
import {
  OUTCOME_STATUSES,
  parseConfirmation,
  parseWriteOutcome,
  type WriteOutcome,
} from "./write-outcome.ts";

/** An encrypted environment (bare hex) and its allowed names. Null leaves the list of the CVM as it is. */
export type EncryptedEnv = { readonly encryptedEnv: string; readonly keys: readonly string[] | null };

/** `PATCH /cvms/{id}/envs`. This endpoint takes the proof of the second phase in its body. */
export async function updateEnvs(
  upstream: Upstream,
  ref: CvmRef,
  { encryptedEnv, keys }: EncryptedEnv,
  proof: HashProof | null,
): Promise<WriteOutcome> {
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
    accept: OUTCOME_STATUSES,
    effect: "write",
  });
  return proof === null ? parseWriteOutcome(reply) : parseConfirmation(reply, proof);
}
