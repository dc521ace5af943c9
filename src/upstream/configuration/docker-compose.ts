import type { CvmRef } from "../cvm-ref.ts";
import type { Upstream } from "../transport/types.ts";
import { type HashProof, toProofHeaders } from "./cvm-patch.ts";
import { parseUpdateOutcome, UPDATE_STATUSES, type UpdateOutcome } from "./write-outcome.ts";

/**
 * `PATCH /cvms/{id}/docker-compose`, the YAML itself as the body. The second phase sends the same YAML with
 * the proof.
 */
export async function updateDockerCompose(
  upstream: Upstream,
  ref: CvmRef,
  yaml: string,
  proof: HashProof | null,
): Promise<UpdateOutcome> {
  const reply = await upstream.send({
    method: "PATCH",
    path: ["cvms", ref, "docker-compose"],
    ...(proof === null ? {} : { headers: toProofHeaders(proof) }),
    body: { text: yaml, contentType: "text/yaml" },
    accept: UPDATE_STATUSES,
    effect: "write",
  });
  return parseUpdateOutcome(reply);
}
