import { ApiError } from "./api-error.ts";

/** Create a JSON response. Accepts the non-standard statuses 465 to 468, which Hono's `c.json` does not. */
export function jsonResponse(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

/** Create an HTML response, as a proxy sends it. */
export function htmlResponse(status: number, body: string): Response {
  return new Response(body, { status, headers: { "content-type": "text/html; charset=utf-8" } });
}

/** Create a 204 response without a body. */
export function emptyResponse(): Response {
  return new Response(null, { status: 204 });
}

/** Convert an error that a route threw into a response. */
export function errorResponse(error: unknown, requestId: string): Response {
  if (error instanceof ApiError) {
    const body = error.structured ? { ...error.body, request_id: requestId } : error.body;
    return jsonResponse(error.status, body, error.headers);
  }
  // A bug of the sandbox: name the reason, because the reader is a developer.
  const reason = error instanceof Error ? error.message : "unknown";
  return jsonResponse(500, { detail: `Internal Server Error (sandbox): ${reason}` });
}
