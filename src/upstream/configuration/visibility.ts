import type { CvmRef } from "../cvm-ref.ts";
import type { Upstream } from "../transport/types.ts";
import type { WireSettings } from "./settings.ts";
import { OUTCOME_STATUSES, parseWriteOutcome, type WriteOutcome } from "./write-outcome.ts";

/**
 * `PATCH /cvms/{id}/visibility`; `public_sysinfo` and `public_logs` are required. The answer is a VM object
 * without the new flags and without a correlation id. The flags are part of the app-compose, so a CVM with an
 * on-chain KMS can need a registered compose hash.
 */
export async function updateVisibility(
  upstream: Upstream,
  ref: CvmRef,
  settings: WireSettings,
): Promise<WriteOutcome> {
  const reply = await upstream.send({
    method: "PATCH",
    path: ["cvms", ref, "visibility"],
    body: { json: settings },
    accept: OUTCOME_STATUSES,
    effect: "write",
  });
  return parseWriteOutcome(reply);
}
