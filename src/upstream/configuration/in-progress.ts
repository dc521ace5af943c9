import { z } from "zod";
import { createMalformed, decodeJson } from "../transport/decode.ts";
import type { UpstreamReply } from "../transport/types.ts";
import { wireOptional } from "../transport/wire-scalars.ts";

/** Statuses that say that a write was accepted. */
export const ACCEPTED_STATUSES = [200, 201, 202, 204] as const;

/** Only `status` decides anything. A member of another type counts as missing. */
const acceptedWire = z.object({
  status: wireOptional(z.string()),
  message: wireOptional(z.string()).catch(null),
  correlation_id: wireOptional(z.string()).catch(null),
  allowed_envs_changed: wireOptional(z.boolean()).catch(null),
});

/** A write that the REST API accepted. `changed` is false if the CVM already had this configuration. */
export type InProgress = {
  readonly kind: "InProgress";
  readonly changed: boolean;
  readonly message: string | null;
  readonly correlationId: string | null;
  readonly allowedEnvsChanged: boolean | null;
};

/**
 * Parse the 2xx answer of a write. The status says that the write was accepted, and most of these bodies are
 * undocumented, so a body without an object adds nothing. An HTML page with status 200 comes from something
 * other than the REST API.
 *
 * @throws {GatewayError} `UPSTREAM_MALFORMED` for an HTML page, a truncated object or a wrong `status`
 */
export function parseInProgress(reply: UpstreamReply): InProgress {
  const start = reply.body.trim().charAt(0);
  if (start === "<" && reply.status === 200) throw createMalformed(reply, new Error("markup"));
  const wire = decodeJson(start === "{" ? reply : { ...reply, body: "{}" }, acceptedWire);
  return {
    kind: "InProgress",
    changed: wire.status !== "no_change",
    message: wire.message && reply.redact(wire.message),
    correlationId: wire.correlation_id || null,
    allowedEnvsChanged: wire.allowed_envs_changed,
  };
}
