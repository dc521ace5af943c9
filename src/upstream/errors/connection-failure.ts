/** Failures to connect. They prove that not one byte of a request was sent. */
const connectFailures = new WeakSet<Error>();

/** Remember that this failure happened before there was a connection. */
export function markNeverSent(error: Error): void {
  connectFailures.add(error);
}

/** Whether this failure proves that not one byte of the request was sent. */
export function wasNeverSent(error: unknown): boolean {
  return error instanceof Error && connectFailures.has(error);
}

function findErrorCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}

/** Whether the connection failed before an answer arrived. A read can then be sent again. */
export function isConnectionFailure(error: unknown): boolean {
  const code = findErrorCode(error);
  return (
    wasNeverSent(error) ||
    code === "ECONNRESET" ||
    code === "EPIPE" ||
    (code === "UND_ERR_SOCKET" && !isUnreadable(error))
  );
}

/** Thrown for a reply whose Content-Length is larger than the gateway reads. */
export class ReplyTooLargeError extends Error {
  override readonly name = "ReplyTooLargeError";
}

/** Whether the reply was larger than the gateway reads. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof ReplyTooLargeError || findErrorCode(error) === "UND_ERR_RES_EXCEEDED_MAX_SIZE";
}

/** Codes of undici for a reply that is too large in its headers, or contradicts its Content-Length. */
const unreadableCodes = new Set(["UND_ERR_HEADERS_OVERFLOW", "UND_ERR_RES_CONTENT_LENGTH_MISMATCH"]);

/**
 * Whether the reply was not HTTP, contradicted its own headers, or began with a status that the request did
 * not allow, such as an unasked `100 Continue` ("bad response" in undici).
 */
export function isUnreadable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = findErrorCode(error) ?? "";
  const badResponse = code === "UND_ERR_SOCKET" && error.message === "bad response";
  return error.name === "HTTPParserError" || unreadableCodes.has(code) || badResponse;
}
