/** Reads are sent at most this often. */
export const MAX_ATTEMPTS = 3;

const FIRST_DELAY_MS = 150;

const retryableStatuses = new Set([429, 502, 503, 504]);

/** Failures of connecting, told by whoever connects. They prove that not one byte of a request was taken. */
const connectFailures = new WeakSet<Error>();

/** Remembers that this failure came before there was a connection. */
export function markNeverSent(error: Error): void {
  connectFailures.add(error);
}

/** Whether a read with this status may be sent again. */
export function isRetryableStatus(status: number): boolean {
  return retryableStatuses.has(status);
}

function readErrorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Whether this failure proves that not one byte of the request was taken. */
export function wasNeverSent(error: unknown): boolean {
  return error instanceof Error && connectFailures.has(error);
}

/** A reply that announces more bytes than the gateway reads. */
export class ReplyTooLargeError extends Error {
  override readonly name = "ReplyTooLargeError";
}

/** Whether the reply was larger than the gateway reads. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof ReplyTooLargeError || readErrorCode(error) === "UND_ERR_RES_EXCEEDED_MAX_SIZE";
}

/** Whether what came back was no HTTP, or contradicted its own headers. */
export function isUnreadable(error: unknown): boolean {
  const parserFailed = error instanceof Error && error.name === "HTTPParserError";
  return parserFailed || readErrorCode(error) === "UND_ERR_HEADERS_OVERFLOW";
}

/** Whether the connection failed before an answer: harmless to repeat for a read. */
export function isConnectionFailure(error: unknown): boolean {
  const code = readErrorCode(error);
  return wasNeverSent(error) || code === "ECONNRESET" || code === "EPIPE" || code === "UND_ERR_SOCKET";
}

/**
 * How long to wait before the next attempt, in milliseconds: what the REST API asks for, and a random time
 * under a doubling limit, so that many clients do not come back together.
 */
export function computeRetryDelay(attempt: number, retryAfterMs: number | undefined): number {
  return (retryAfterMs ?? 0) + Math.random() * FIRST_DELAY_MS * 2 ** attempt;
}

/** Reads a `Retry-After` header, in seconds or as an HTTP date; what is neither says nothing. */
export function parseRetryAfter(value: string | undefined, now = Date.now()): number | undefined {
  const text = value?.trim() ?? "";
  if (/^\d{1,6}(?:\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const date = /\d:\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
