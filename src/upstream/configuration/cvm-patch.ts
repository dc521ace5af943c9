import type { CvmRef } from "../cvm-ref.ts";
import type { Upstream } from "../transport/types.ts";
import { type HashProof, toProofHeaders } from "./hash-proof.ts";
import type { InProgress } from "./in-progress.ts";
import type { WireSettings } from "./settings.ts";
import {
  OUTCOME_STATUSES,
  parseConfirmation,
  parseWriteOutcome,
  type WriteOutcome,
} from "./write-outcome.ts";

/**
 * `PATCH /cvms/{id}`: apply several settings in one atomic change. With `prepareOnly`, a CVM that needs a
 * registered compose hash keeps the change without applying it.
 */
export async function patchCvm(
  upstream: Upstream,
  ref: CvmRef,
  settings: WireSettings,
  prepareOnly: boolean,
): Promise<WriteOutcome> {
  const reply = await upstream.send({
    method: "PATCH",
    path: ["cvms", ref],
    ...(prepareOnly ? { headers: { "x-prepare-only": "true" } } : {}),
    body: { json: settings },
    accept: OUTCOME_STATUSES,
    effect: "write",
  });
  return parseWriteOutcome(reply);
}

/**
 * `PATCH /cvms/{id}`, second phase: apply the change that the REST API kept under a compose hash. The body is
 * an empty object; without a body the REST API fails.
 */
export async function sendConfirmation(
  upstream: Upstream,
  ref: CvmRef,
  proof: HashProof,
): Promise<InProgress> {
  const reply = await upstream.send({
    method: "PATCH",
    path: ["cvms", ref],
    headers: toProofHeaders(proof),
    body: { json: {} },
    accept: OUTCOME_STATUSES,
    effect: "write",
  });
  return parseConfirmation(reply, proof);
}
