import type { CvmRef } from "../cvm-ref.ts";
import type { Upstream } from "../transport/types.ts";
import type { HashProof } from "./cvm-patch.ts";
import { type AcceptedUpdate, parseAcceptedUpdate, TAKEN_STATUSES } from "./write-outcome.ts";

/**
 * `POST /cvms/{id}/commit-update`: applies a prepared update. The one-time token is the credential, so the
 * caller's own is not sent.
 */
export async function commitUpdate(
  upstream: Upstream,
  ref: CvmRef,
  token: string,
  proof: HashProof,
): Promise<AcceptedUpdate> {
  const reply = await upstream.send({
    method: "POST",
    path: ["cvms", ref, "commit-update"],
    body: { json: { token, compose_hash: proof.composeHash, transaction_hash: proof.transactionHash } },
    accept: TAKEN_STATUSES,
    codes: { 465: "HASH_INVALID_OR_EXPIRED" },
    effect: "write",
    credential: "none",
  });
  return parseAcceptedUpdate(reply);
}
