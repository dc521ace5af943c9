import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { formatBadRequest } from "../errors/protocol-error.ts";

/**
 * Whether the request target and the `Host` header form a URL. If not, Yoga's HTTP adapter throws before any
 * plugin runs and answers with a stack trace.
 */
export function hasValidAddress({ url = "", headers: { host = "" } }: IncomingMessage): boolean {
  return (
    url.startsWith("/") && !/[\s/?#@\\]/.test(host) && URL.canParse(`http://${host || "localhost"}${url}`)
  );
}

/** Answer a request without a valid address with 400, and close its connection. */
export function rejectAddress(response: ServerResponse): void {
  const requestId = randomUUID();
  const body = formatBadRequest("The target or the Host header of the request is malformed.", requestId);
  response
    .writeHead(400, {
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      "content-length": Buffer.byteLength(body),
      connection: "close",
      "x-content-type-options": "nosniff",
      "x-request-id": requestId,
    })
    .end(body);
}
