import type { CvmRef } from "../cvm-ref.ts";
import type { Upstream } from "../transport/types.ts";
import { patchCvm } from "./cvm-patch.ts";
import { ACCEPTED_STATUSES, type InProgress, parseInProgress } from "./in-progress.ts";
import { sendOrReplace } from "./retired-endpoint.ts";
import type { WireSettings } from "./settings.ts";
import type { WriteOutcome } from "./write-outcome.ts";

/**
 * `PATCH /cvms/{id}/resources`, or `PATCH /cvms/{id}` where the REST API no longer has it. Only the given
 * settings change. The body of the answer is undocumented.
 */
export function updateResources(
  upstream: Upstream,
  ref: CvmRef,
  settings: WireSettings,
): Promise<WriteOutcome> {
  return sendOrReplace<WriteOutcome>(
    () => sendResources(upstream, ref, settings),
    () => patchCvm(upstream, ref, settings, false),
  );
}

async function sendResources(upstream: Upstream, ref: CvmRef, settings: WireSettings): Promise<InProgress> {
  const reply = await upstream.send({
    method: "PATCH",
    path: ["cvms", ref, "resources"],
    body: { json: settings },
    accept: ACCEPTED_STATUSES,
    effect: "write",
  });
  return parseInProgress(reply);
}
