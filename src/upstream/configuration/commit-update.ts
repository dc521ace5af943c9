import type { CommitToken } from "../../credential.ts";
import type { CvmRef } from "../cvm-ref.ts";
import type { Upstream } from "../transport/types.ts";
import type { HashProof } from "./hash-proof.ts";
import type { InProgress } from "./in-progress.ts";
import { OUTCOME_STATUSES, parseConfirmation } from "./write-outcome.ts";

/**
 * `POST /cvms/{id}/commit-update`: apply a prepared change. The one-time token is the credential, so the
 * caller's own credential and workspace are not sent.
 */
export async function commitUpdate(
  upstream: Upstream,
  ref: CvmRef,
  token: CommitToken,
  proof: HashProof,
): Promise<InProgress> {
  const reply = await upstream.send({
    method: "POST",
    path: ["cvms", ref, "commit-update"],
    body: {
      json: { token: token.secret, compose_hash: proof.composeHash, transaction_hash: proof.transactionHash },
    },
    accept: OUTCOME_STATUSES,
    effect: "write",
    credential: token,
  });
  return parseConfirmation(reply, proof);
}
