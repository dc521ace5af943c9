import { ApiError } from "./api-error.ts";

/** A JSON answer; also for the statuses 465 to 468, which frameworks do not know. */
export function jsonResponse(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

/** An answer without a body. */
export function emptyResponse(): Response {
  return new Response(null, { status: 204 });
}

/** Turns whatever a route threw into an answer. */
export function errorResponse(error: unknown, requestId: string): Response {
  if (error instanceof ApiError) {
    const body = error.structured ? { ...error.body, request_id: requestId } : error.body;
    return jsonResponse(error.status, body, error.headers);
  }
  // A mistake in the sandbox: said plainly, since whoever reads it develops against it.
  const reason = error instanceof Error ? error.message : "unknown";
  return jsonResponse(500, { detail: `Internal Server Error (sandbox): ${reason}` });
}
