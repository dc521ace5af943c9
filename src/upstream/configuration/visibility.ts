import type { CvmRef } from "../cvm-ref.ts";
import type { Upstream } from "../transport/types.ts";
import { patchCvm } from "./cvm-patch.ts";
import { sendOrReplace } from "./retired-endpoint.ts";
import type { WireSettings } from "./settings.ts";
import { OUTCOME_STATUSES, parseWriteOutcome, type WriteOutcome } from "./write-outcome.ts";

/**
 * `PATCH /cvms/{id}/visibility`; `public_sysinfo` and `public_logs` are required. The answer is a VM object
 * without the new flags and without a correlation id. The flags are part of the app-compose, so a CVM with an
 * on-chain KMS can need a registered compose hash. Where the REST API no longer has this endpoint,
 * `PATCH /cvms/{id}` accepts the same flags.
 */
export function updateVisibility(
  upstream: Upstream,
  ref: CvmRef,
  settings: WireSettings,
): Promise<WriteOutcome> {
  return sendOrReplace(
    () => sendVisibility(upstream, ref, settings),
    () => patchCvm(upstream, ref, settings, false),
  );
}

async function sendVisibility(
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
