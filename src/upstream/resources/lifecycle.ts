import { ACCEPTED_STATUSES, type InProgress, parseInProgress } from "../configuration/in-progress.ts";
import type { CvmRef } from "../cvm-ref.ts";
import type { Upstream } from "../transport/types.ts";

/** Power actions without a body. `stop` is forced and cancels any running operation. */
export type PowerAction = "start" | "stop" | "shutdown";

/** Send `POST /cvms/{id}/start`, `/stop` or `/shutdown`. The answer is a VM object without a correlation id. */
export async function sendPowerAction(
  upstream: Upstream,
  ref: CvmRef,
  action: PowerAction,
): Promise<InProgress> {
  const reply = await upstream.send({
    method: "POST",
    path: ["cvms", ref, action],
    accept: ACCEPTED_STATUSES,
    effect: "write",
  });
  return parseInProgress(reply);
}

/** Send `POST /cvms/{id}/restart`. With `force` there is no graceful shutdown. */
export async function sendRestart(upstream: Upstream, ref: CvmRef, force: boolean): Promise<InProgress> {
  const reply = await upstream.send({
    method: "POST",
    path: ["cvms", ref, "restart"],
    body: { json: { force } },
    accept: ACCEPTED_STATUSES,
    effect: "write",
  });
  return parseInProgress(reply);
}
