import { z } from "zod";
import { createMalformed, decodeJson } from "../transport/decode.ts";
import type { UpstreamReply } from "../transport/types.ts";
import { wireOptional } from "../transport/wire-scalars.ts";
import { type HashPrecondition, parseHashPrecondition } from "./on-chain-hash-required.ts";

/** The statuses that say that a write was taken. */
export const TAKEN_STATUSES = [200, 201, 202, 204] as const;

/** The statuses that answer a configuration write: taken, or a registered compose hash is needed first. */
export const UPDATE_STATUSES = [...TAKEN_STATUSES, 465] as const;

/** Only `status` decides anything; a member beside it that has another type is as good as missing. */
const acceptedWire = z.object({
  status: wireOptional(z.string()),
  message: wireOptional(z.string()).catch(null),
  correlation_id: wireOptional(z.string()).catch(null),
  allowed_envs_changed: wireOptional(z.boolean()).catch(null),
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

/**
 * Reads the 2xx answer of a write. The status says that it was taken; most of these bodies have no documented
 * form, so one without an object tells nothing more. A page with a plain 200 comes from something that is
 * not the REST API, and an object that is cut off or breaks the usual form says that this is not understood.
 *
 * @throws {GatewayError} `UPSTREAM_MALFORMED`
 */
export function parseAcceptedUpdate(reply: UpstreamReply): AcceptedUpdate {
  const start = reply.body.trim().charAt(0);
  if (start === "<" && reply.status === 200) throw createMalformed(reply, new Error("markup"));
  const wire = decodeJson(start === "{" ? reply : { ...reply, body: "{}" }, acceptedWire);
  return {
    kind: "accepted",
    changed: wire.status !== "no_change",
    message: wire.message && reply.redact(wire.message),
    correlationId: wire.correlation_id || null,
    allowedEnvsChanged: wire.allowed_envs_changed,
  };
}

/** Reads the answer of a write that may need a registered compose hash. */
export function parseUpdateOutcome(reply: UpstreamReply): UpdateOutcome {
  return reply.status === 465 ? parseHashPrecondition(reply) : parseAcceptedUpdate(reply);
}
