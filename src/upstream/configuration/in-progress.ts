import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import { decodeJson } from "../transport/decode.ts";
import type { UpstreamReply } from "../transport/types.ts";
import { wireFlag, wireText } from "../transport/wire-scalars.ts";
import { wireObject } from "../transport/wire-tolerance.ts";

/** Statuses that say that a write was accepted. */
export const ACCEPTED_STATUSES = [200, 201, 202, 204] as const;

const acceptedWire = wireObject(
  { status: wireText, message: wireText, correlation_id: wireText, allowed_envs_changed: wireFlag },
  (wire) => wire,
);

/** A write that the REST API accepted. `changed` is false if the CVM already had this configuration. */
export type InProgress = {
  readonly kind: "InProgress";
  readonly changed: boolean;
  readonly message: string | null;
  readonly correlationId: string | null;
  readonly allowedEnvsChanged: boolean | null;
};

/**
 * Parse the 2xx answer of a write. 202 and 204 say by themselves that the write was accepted, so a body without
 * a JSON object adds nothing. 200 and 201 are also what a proxy answers with a page of its own, so without an
 * object nobody knows what became of the write.
 *
 * The HTTP status accepts the write, so no member of the object can take that back. `status` only adds that nothing
 * changed.
 *
 * @throws {GatewayError} `OUTCOME_UNKNOWN` for a 200 or 201 without a JSON object; `UPSTREAM_MALFORMED` for a
 *   truncated object
 */
export function parseInProgress(reply: UpstreamReply): InProgress {
  const isObject = reply.body.trim().startsWith("{");
  if (!isObject && (reply.status === 200 || reply.status === 201)) throw createUnknownOutcome(reply);
  const wire = decodeJson(reply, acceptedWire, isObject ? undefined : "{}");
  return {
    kind: "InProgress",
    changed: wire.status !== "no_change",
    message: wire.message ? reply.redact(wire.message) : (wire.message ?? null),
    correlationId: wire.correlation_id || null,
    allowedEnvsChanged: wire.allowed_envs_changed ?? null,
  };
}

function createUnknownOutcome({ status, requestId }: UpstreamReply): GatewayError {
  return new GatewayError("OUTCOME_UNKNOWN", errorMessages.answerWithoutObject, {
    upstream: { status, ...(requestId === null ? {} : { requestId }) },
  });
}
