import type { CvmRef } from "../cvm-ref.ts";
import type { Upstream } from "../transport/types.ts";
import { parseUpdateOutcome, UPDATE_STATUSES, type UpdateOutcome } from "./write-outcome.ts";

/** The body of `PATCH /cvms/{id}/visibility`; the first two must be there. */
export type VisibilityPatch = {
  readonly public_sysinfo: boolean;
  readonly public_logs: boolean;
  readonly public_tcbinfo?: boolean;
};

/**
 * `PATCH /cvms/{id}/visibility`. It answers with a VM object, which tells neither the new flags nor a
 * correlation id. The flags are part of the app-compose, so an on-chain CVM can want a registered hash.
 */
export async function updateVisibility(
  upstream: Upstream,
  ref: CvmRef,
  patch: VisibilityPatch,
): Promise<UpdateOutcome> {
  const reply = await upstream.send({
    method: "PATCH",
    path: ["cvms", ref, "visibility"],
    body: { json: patch },
    accept: UPDATE_STATUSES,
    effect: "write",
  });
  return parseUpdateOutcome(reply);
}
