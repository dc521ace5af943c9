import type { CvmRef } from "../cvm-ref.ts";
import { decodeText } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { type HashProof, toProofHeaders } from "./hash-proof.ts";
import {
  OUTCOME_STATUSES,
  parseConfirmation,
  parseWriteOutcome,
  type WriteOutcome,
} from "./write-outcome.ts";

/** `GET /cvms/{id}/pre-launch-script`: the script, empty if the CVM has none. */
export async function fetchPreLaunchScript(upstream: Upstream, ref: CvmRef): Promise<string> {
  const path = ["cvms", ref, "pre-launch-script"];
  return decodeText(await upstream.send({ method: "GET", path, accept: [200, 204], effect: "read" }));
}

/**
 * `PATCH /cvms/{id}/pre-launch-script` with the script as the body. The endpoint rejects an empty body, so it
 * cannot remove a script. The second phase sends the same script with the proof.
 */
export async function sendPreLaunchScript(
  upstream: Upstream,
  ref: CvmRef,
  script: string,
  proof: HashProof | null,
): Promise<WriteOutcome> {
  const reply = await upstream.send({
    method: "PATCH",
    path: ["cvms", ref, "pre-launch-script"],
    ...(proof === null ? {} : { headers: toProofHeaders(proof) }),
    body: { text: script, contentType: "text/plain" },
    accept: OUTCOME_STATUSES,
    effect: "write",
  });
  return proof === null ? parseWriteOutcome(reply) : parseConfirmation(reply, proof);
}
