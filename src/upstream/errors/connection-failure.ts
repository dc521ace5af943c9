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
  return wasNeverSent(error) || code === "ECONNRESET" || code === "EPIPE" || code === "UND_ERR_SOCKET";
}

/** Thrown for a reply whose Content-Length is larger than the gateway reads. */
export class ReplyTooLargeError extends Error {
  override readonly name = "ReplyTooLargeError";
}

/** Whether the reply was larger than the gateway reads. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof ReplyTooLargeError || findErrorCode(error) === "UND_ERR_RES_EXCEEDED_MAX_SIZE";
}

/** Whether the reply was not HTTP, or contradicted its own headers. */
export function isUnreadable(error: unknown): boolean {
  const parserFailed = error instanceof Error && error.name === "HTTPParserError";
  return parserFailed || findErrorCode(error) === "UND_ERR_HEADERS_OVERFLOW";
}
