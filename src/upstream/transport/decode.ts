import type { z } from "zod";
import { GatewayError } from "../../errors.ts";
import type { UpstreamReply } from "./types.ts";

/** Create the error for an answer without its documented form. The cause is for the log only. */
export function createMalformed(reply: UpstreamReply, cause: unknown): GatewayError {
  return new GatewayError("UPSTREAM_MALFORMED", undefined, {
    upstream: { status: reply.status, ...(reply.requestId === null ? {} : { requestId: reply.requestId }) },
    cause,
  });
}

/**
 * Parse a JSON answer and check it. Unknown fields are ignored.
 *
 * @throws {GatewayError} `UPSTREAM_MALFORMED`
 */
export function decodeJson<T extends z.ZodType>(reply: UpstreamReply, schema: T): z.output<T> {
  let json: unknown;
  try {
    json = JSON.parse(reply.body);
  } catch (error) {
    throw createMalformed(reply, error);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw createMalformed(reply, parsed.error);
  return parsed.data;
}

/**
 * Decode a text that the REST API sends either as plain text or as a JSON string. A text that only looks like
 * JSON, such as a YAML flow mapping, stays unchanged.
 */
export function decodeText({ body, contentType }: UpstreamReply): string {
  if (!/\bjson\b/i.test(contentType)) return body;
  try {
    const json: unknown = JSON.parse(body);
    return typeof json === "string" ? json : json === null ? "" : body;
  } catch {
    return body;
  }
}
