/** Reads are sent at most this often. */
export const MAX_ATTEMPTS = 3;

const FIRST_DELAY_MS = 150;

const retryableStatuses = new Set([429, 502, 503, 504]);

/** Failures that prove that the request never left: no connection was made. */
const neverSentCodes = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Whether a read with this status may be sent again. */
export function isRetryableStatus(status: number): boolean {
  return retryableStatuses.has(status);
}

/** The error code of Node or undici, if it has one. */
export function readErrorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Whether this failure proves that not one byte of the request was taken. */
export function wasNeverSent(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(wasNeverSent);
  const code = readErrorCode(error);
  return (
    code !== undefined && (neverSentCodes.has(code) || /CERT|ERR_TLS_|ERR_SSL_|UNABLE_TO_VERIFY/.test(code))
  );
}

/** Whether the connection failed before an answer: harmless to repeat for a read. */
export function isConnectionFailure(error: unknown): boolean {
  const code = readErrorCode(error);
  return wasNeverSent(error) || code === "ECONNRESET" || code === "EPIPE" || code === "UND_ERR_SOCKET";
}

/**
 * How long to wait before the next attempt, in milliseconds: what the REST API asks for, else a random
 * time under a doubling limit, so that many clients do not come back together.
 */
export function computeRetryDelay(attempt: number, retryAfterMs: number | undefined): number {
  return retryAfterMs ?? Math.random() * FIRST_DELAY_MS * 2 ** attempt;
}

/** Reads a `Retry-After` header, in seconds or as an HTTP date. */
export function parseRetryAfter(value: string | undefined, now = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
