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

/** `GET /cvms/{id}/docker-compose.yml`: the YAML as deployed. */
export async function fetchDockerCompose(upstream: Upstream, ref: CvmRef): Promise<string> {
  const path = ["cvms", ref, "docker-compose.yml"];
  return decodeText(await upstream.send({ method: "GET", path, accept: [200], effect: "read" }));
}

/**
 * `PATCH /cvms/{id}/docker-compose` with the YAML as the body. The second phase sends the same YAML with the
 * proof.
 */
export async function sendDockerCompose(
  upstream: Upstream,
  ref: CvmRef,
  yaml: string,
  proof: HashProof | null,
): Promise<WriteOutcome> {
  const reply = await upstream.send({
    method: "PATCH",
    path: ["cvms", ref, "docker-compose"],
    ...(proof === null ? {} : { headers: toProofHeaders(proof) }),
    body: { text: yaml, contentType: "text/yaml" },
    accept: OUTCOME_STATUSES,
    effect: "write",
  });
  return proof === null ? parseWriteOutcome(reply) : parseConfirmation(reply, proof);
}
