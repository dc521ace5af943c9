import type { IncomingMessage } from "node:http";

/** Request header with the token of a reserved stream. */
export const TOKEN_HEADER = "x-graphql-event-stream-token";

/** A second path for single connections: the one of Yoga's own plugin. */
export const STREAM_PATH = "/graphql/stream";

/** Return the token of a stream, from the header or from the query string. Empty without one. */
export function findStreamToken({ headers, url = "" }: IncomingMessage): string {
  const header = headers[TOKEN_HEADER];
  if (header !== undefined) return String(header);
  const start = url.indexOf("?");
  return start < 0 ? "" : (new URLSearchParams(url.slice(start)).get("token") ?? "");
}

/** Whether a request belongs to the single connection mode of GraphQL over SSE. */
export function isSingleConnection(request: IncomingMessage, path: string): boolean {
  if (path === STREAM_PATH || request.method === "PUT" || request.method === "DELETE") return true;
  return findStreamToken(request) !== "";
}
