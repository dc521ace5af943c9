import type { CvmRef } from "../cvm-ref.ts";
import type { Upstream } from "../transport/types.ts";
import { type HashProof, toProofHeaders } from "./cvm-patch.ts";
import { parseUpdateOutcome, UPDATE_STATUSES, type UpdateOutcome } from "./write-outcome.ts";

/**
 * `PATCH /cvms/{id}/pre-launch-script`, the script itself as the body. An empty body is refused there, so
 * this cannot remove a script. The second phase sends the same script with the proof.
 */
export async function updatePreLaunchScript(
  upstream: Upstream,
  ref: CvmRef,
  script: string,
  proof: HashProof | null,
): Promise<UpdateOutcome> {
  const reply = await upstream.send({
    method: "PATCH",
    path: ["cvms", ref, "pre-launch-script"],
    ...(proof === null ? {} : { headers: toProofHeaders(proof) }),
    body: { text: script, contentType: "text/plain" },
    accept: UPDATE_STATUSES,
    effect: "write",
  });
  return parseUpdateOutcome(reply);
}
