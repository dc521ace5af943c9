import type { z } from "zod";
import { GatewayError } from "../../errors.ts";
import type { UpstreamReply } from "./types.ts";
import { parseTolerantly } from "./wire-tolerance.ts";

/** Create the error for an answer without its documented form. The cause is for the log only. */
function createMalformed(reply: UpstreamReply, cause: unknown): GatewayError {
  return new GatewayError("UPSTREAM_MALFORMED", undefined, {
    upstream: { status: reply.status, ...(reply.requestId === null ? {} : { requestId: reply.requestId }) },
    cause,
  });
}

/**
 * Parse a JSON answer and check it. Unknown fields are ignored. Parts of another form, which the schema replaces
 * or leaves out, are counted in a debug line.
 *
 * @param body - what to parse. By default the body without the gateway's own key, which no answer may show. Give the
 *   body itself where a text must stay as it is, such as an app-compose.
 * @throws {GatewayError} `UPSTREAM_MALFORMED` for an answer that has no meaning without such a part
 */
export function decodeJson<T>(
  reply: UpstreamReply,
  schema: z.ZodType<T>,
  body = reply.hideServerKey(reply.body),
): T {
  return decodeCounted(reply, schema, body).value;
}

/**
 * Parse a JSON answer as {@link decodeJson} does, for a caller that must know whether a part is missing.
 *
 * @throws {GatewayError} `UPSTREAM_MALFORMED`
 */
export function decodeCounted<T>(
  reply: UpstreamReply,
  schema: z.ZodType<T>,
  body = reply.hideServerKey(reply.body),
): { readonly value: T; readonly unexpectedParts: number } {
  let parsed: ReturnType<typeof parseTolerantly<T>>;
  try {
    parsed = parseTolerantly(schema, JSON.parse(body));
  } catch (error) {
    throw createMalformed(reply, error);
  }
  if (parsed.unexpectedParts > 0) reply.logUnexpected(parsed.unexpectedParts);
  return parsed;
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
