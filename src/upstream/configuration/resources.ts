import type { CvmRef } from "../cvm-ref.ts";
import type { Upstream } from "../transport/types.ts";
import { ACCEPTED_STATUSES, type InProgress, parseInProgress } from "./in-progress.ts";
import type { WireSettings } from "./settings.ts";

/** `PATCH /cvms/{id}/resources`. Only the given settings change. The body of the answer is undocumented. */
export async function updateResources(
  upstream: Upstream,
  ref: CvmRef,
  settings: WireSettings,
): Promise<InProgress> {
  const reply = await upstream.send({
    method: "PATCH",
    path: ["cvms", ref, "resources"],
    body: { json: settings },
    accept: ACCEPTED_STATUSES,
    effect: "write",
  });
  return parseInProgress(reply);
}
