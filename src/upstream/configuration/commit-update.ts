import type { CommitToken } from "../../credential.ts";
import { GatewayError } from "../../errors.ts";
import type { CvmRef } from "../cvm-ref.ts";
import type { Upstream } from "../transport/types.ts";
import type { HashProof } from "./hash-proof.ts";
import type { InProgress } from "./in-progress.ts";
import { OUTCOME_STATUSES, parseConfirmation } from "./write-outcome.ts";

/** What to do after a commit token that is no longer good. Signatures for the hash are not collected again. */
const endedTokenSteps: readonly string[] = [
  "Send the same configureCvm with prepareOnly: true again, with a new idempotencyKey or without one: the key of an earlier prepare returns its ended token. The same change has the same compose hash.",
  "If the app contract allows that hash already (onChainStatus.composeHashAllowed), no second signature is needed: call commitCvmUpdate with the new token, the same composeHash and an empty transactionHash.",
  "Otherwise register the hash. Then call commitCvmUpdate with the new token within 14 days.",
];

/** Replace the suggestions for a token that is unknown, used, expired or ended (HTTP 466). */
function explainEndedToken(error: unknown): never {
  if (!(error instanceof GatewayError) || error.upstream?.status !== 466) throw error;
  const { code, message, upstream } = error;
  throw new GatewayError(code, message, {
    upstream: { ...upstream, suggestions: endedTokenSteps },
    cause: error,
  });
}

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
  const reply = await upstream
    .send({
      method: "POST",
      path: ["cvms", ref, "commit-update"],
      body: {
        json: {
          token: token.secret,
          compose_hash: proof.composeHash,
          transaction_hash: proof.transactionHash,
        },
      },
      accept: OUTCOME_STATUSES,
      effect: "write",
      credential: token,
    })
    .catch(explainEndedToken);
  return parseConfirmation(reply, proof);
}
