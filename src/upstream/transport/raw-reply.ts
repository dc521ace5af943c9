import type { Dispatcher } from "undici";
import { MAX_REPLY_BYTES } from "../../limits.ts";
import { ReplyTooLargeError } from "../errors/connection-failure.ts";
import type { RawReply } from "./types.ts";

type Headers = Dispatcher.ResponseData["headers"];

function findHeader(headers: Headers, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** A request id is a short word. Anything else in the header could quote the request. */
function findRequestId(headers: Headers): string | null {
  const id = findHeader(headers, "x-request-id");
  return id !== null && /^[\w.:-]{1,128}$/.test(id) ? id : null;
}

/**
 * Parse a `Retry-After` header, in seconds or as an HTTP date.
 *
 * @returns milliseconds from now; null for any other text
 */
export function parseRetryAfter(value: string | null, now = Date.now()): number | null {
  const text = value?.trim() ?? "";
  if (/^\d{1,6}(?:\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const date = /\d:\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** Read a response of undici. @throws {ReplyTooLargeError} */
export async function collectReply({
  statusCode,
  headers,
  body,
}: Dispatcher.ResponseData): Promise<RawReply> {
  if (Number(findHeader(headers, "content-length") ?? 0) > MAX_REPLY_BYTES) {
    body.destroy();
    throw new ReplyTooLargeError();
  }
  return {
    status: statusCode,
    contentType: findHeader(headers, "content-type") ?? "",
    requestId: findRequestId(headers),
    retryAfterMs: parseRetryAfter(findHeader(headers, "retry-after")),
    body: await body.text(),
  };
}
