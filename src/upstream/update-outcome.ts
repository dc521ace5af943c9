import { z } from "zod";
import { decodeJson } from "./decode.ts";
import { type HashPrecondition, parseHashPrecondition } from "./hash-precondition.ts";
import type { UpstreamReply } from "./http.ts";
import { wireOptional } from "./wire-scalars.ts";

/** The statuses that answer a configuration write: taken, or a registered compose hash is needed first. */
export const UPDATE_STATUSES = [200, 202, 465] as const;

const acceptedWire = z.object({
  status: wireOptional(z.string()),
  message: wireOptional(z.string()),
  correlation_id: wireOptional(z.string()),
  allowed_envs_changed: wireOptional(z.boolean()),
});

/** A write that the REST API took. `changed` is false where the CVM already was as asked. */
export type AcceptedUpdate = {
  readonly kind: "accepted";
  readonly changed: boolean;
  readonly message: string | null;
  readonly correlationId: string | null;
  readonly allowedEnvsChanged: boolean | null;
};

/** The two ways in which a configuration write goes on. */
export type UpdateOutcome = AcceptedUpdate | HashPrecondition;

/** Reads the 2xx answer of a write. */
export function parseAcceptedUpdate(reply: UpstreamReply): AcceptedUpdate {
  const wire = decodeJson(reply, acceptedWire);
  return {
    kind: "accepted",
    changed: wire.status !== "no_change",
    message: wire.message && reply.redact(wire.message),
    correlationId: wire.correlation_id,
    allowedEnvsChanged: wire.allowed_envs_changed,
  };
}

/**
 * Reads the 2xx answer of a write whose body has no documented form and may be empty. What is there is read
 * all the same: the write was taken, and only an object that breaks the usual form says otherwise.
 */
export function parseUntypedUpdate(reply: UpstreamReply): AcceptedUpdate {
  const empty = reply.body.trim() === "" || reply.body.trim() === "null";
  return parseAcceptedUpdate(empty ? { ...reply, body: "{}" } : reply);
}

/** Reads the answer of a write that may need a registered compose hash. */
export function parseUpdateOutcome(reply: UpstreamReply): UpdateOutcome {
  return reply.status === 465 ? parseHashPrecondition(reply) : parseAcceptedUpdate(reply);
}
