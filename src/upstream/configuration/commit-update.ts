import type { CvmRef } from "../cvm-ref.ts";
import type { Upstream } from "../transport/types.ts";
import type { HashProof } from "./hash-proof.ts";
import { ACCEPTED_STATUSES, type InProgress, parseInProgress } from "./in-progress.ts";

/**
 * `POST /cvms/{id}/commit-update`: apply a prepared change. The one-time token is the credential, so the
 * caller's own credential is not sent.
 */
export async function commitUpdate(
  upstream: Upstream,
  ref: CvmRef,
  token: string,
  proof: HashProof,
): Promise<InProgress> {
  const reply = await upstream.send({
    method: "POST",
    path: ["cvms", ref, "commit-update"],
    body: { json: { token, compose_hash: proof.composeHash, transaction_hash: proof.transactionHash } },
    accept: ACCEPTED_STATUSES,
    codes: { 465: "HASH_INVALID_OR_EXPIRED" },
    effect: "write",
    credential: "none",
  });
  return parseInProgress(reply);
}
