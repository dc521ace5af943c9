import type { CvmRef } from "../cvm-ref.ts";
import type { Upstream } from "../transport/types.ts";
import { type AcceptedUpdate, parseAcceptedUpdate, TAKEN_STATUSES } from "./write-outcome.ts";

/** The body of a resize. Only what is present is applied; `memory` is in MB, `disk_size` in GB. */
export type ResourcesPatch = {
  readonly vcpu?: number;
  readonly memory?: number;
  readonly disk_size?: number;
  readonly instance_type?: string;
  readonly allow_restart?: boolean;
};

/** `PATCH /cvms/{id}/resources`, whose answer has no documented form. */
export async function updateResources(
  upstream: Upstream,
  ref: CvmRef,
  patch: ResourcesPatch,
): Promise<AcceptedUpdate> {
  const reply = await upstream.send({
    method: "PATCH",
    path: ["cvms", ref, "resources"],
    body: { json: patch },
    accept: TAKEN_STATUSES,
    effect: "write",
  });
  return parseAcceptedUpdate(reply);
}
