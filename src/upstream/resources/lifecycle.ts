import { type AcceptedUpdate, parseAcceptedUpdate, TAKEN_STATUSES } from "../configuration/write-outcome.ts";
import type { CvmRef } from "../cvm-ref.ts";
import type { Upstream } from "../transport/types.ts";

/** The power calls without a body. `stop` is by force and cancels whatever runs. */
export type PowerAction = "start" | "stop" | "shutdown";

/** `POST /cvms/{id}/start`, `/stop` or `/shutdown`. They answer with a VM object without a correlation id. */
export async function sendPowerAction(
  upstream: Upstream,
  ref: CvmRef,
  action: PowerAction,
): Promise<AcceptedUpdate> {
  const reply = await upstream.send({
    method: "POST",
    path: ["cvms", ref, action],
    accept: TAKEN_STATUSES,
    effect: "write",
  });
  return parseAcceptedUpdate(reply);
}

/** `POST /cvms/{id}/restart`; with `force` without a graceful shutdown. */
export async function restartCvm(upstream: Upstream, ref: CvmRef, force: boolean): Promise<AcceptedUpdate> {
  const reply = await upstream.send({
    method: "POST",
    path: ["cvms", ref, "restart"],
    body: { json: { force } },
    accept: TAKEN_STATUSES,
    effect: "write",
  });
  return parseAcceptedUpdate(reply);
}
