import type { IncomingMessage } from "node:http";
import type { GraphQLError } from "graphql";
import { callerHeaders } from "../../credential.ts";
import { createProtocolError } from "../errors/protocol-error.ts";
import { STATS_HEADER } from "../telemetry/upstream-stats.ts";
import { TOKEN_HEADER } from "../transports/sse/requests.ts";
import { readHeader } from "./facts.ts";

/** Request headers that pages may send. `CORS_HEADERS` adds more. */
const ALLOWED_HEADERS = [
  ...callerHeaders,
  "x-workspace",
  "accept",
  "content-type",
  "idempotency-key",
  "x-request-id",
  "traceparent",
  "tracestate",
  "baggage",
  STATS_HEADER,
  TOKEN_HEADER,
  // Apollo Client sends its name and version with every request.
  "apollographql-client-name",
  "apollographql-client-version",
  "apollo-require-preflight",
];

/** Response headers that pages may read, besides those that browsers always show. */
const EXPOSED_HEADERS = ["retry-after", "x-request-id", "allow", "etag"];

const ALLOWED_METHODS = "GET, POST, PUT, DELETE";
const PREFLIGHT_SECONDS = "600";

/** Which pages of other origins may call the gateway. */
export type CrossOrigin = {
  /** Add the CORS headers of a response. @returns whether the request is a preflight, which they answer */
  addHeaders(request: IncomingMessage, head: string[]): boolean;
  /** Return the error for a request that a page of another site must not send, or null. */
  findForgery(request: IncomingMessage): GraphQLError | null;
};

/** Return the media type of a header, without parameters. */
function parseMediaType(header: string | null): string {
  return header?.split(/[;,]/)[0]?.trim() ?? "";
}

/**
 * Create the rules for pages of other origins. Pages of the listed `origins`, and no other pages, may read
 * responses. Cookies are never allowed: the gateway's credential is a header that a page sets itself.
 */
export function createCrossOrigin(origins: readonly string[], headers: readonly string[]): CrossOrigin {
  const any = origins.includes("*");
  const listed = new Set(origins);
  const allowedHeaders = [...new Set([...ALLOWED_HEADERS, ...headers])].join(", ");
  const exposedHeaders = EXPOSED_HEADERS.join(", ");
  const isListed = (origin: string | null) => origin !== null && (any || listed.has(origin));
  return {
    addHeaders(request, head) {
      const origin = readHeader(request.headers, "origin");
      if (!any && listed.size > 0) head.push("vary", "origin");
      if (origin === null || !isListed(origin)) return false;
      head.push("access-control-allow-origin", any ? "*" : origin);
      head.push("access-control-expose-headers", exposedHeaders);
      if (request.method !== "OPTIONS" || !("access-control-request-method" in request.headers)) return false;
      head.push("access-control-allow-methods", ALLOWED_METHODS);
      head.push("access-control-allow-headers", allowedHeaders);
      head.push("access-control-max-age", PREFLIGHT_SECONDS);
      return true;
    },
    /**
     * A page can make a browser send a POST with the content type of a form without a preflight. Browsers mark
     * requests that come from another site.
     */
    findForgery({ method, headers: sent }) {
      const type = parseMediaType(readHeader(sent, "content-type"));
      if (method === "POST" && type !== "application/json" && type !== "application/graphql+json") {
        const message = "Send the operation as JSON, with content-type: application/json.";
        return createProtocolError("BAD_REQUEST", message, { status: 415 });
      }
      const site = sent["sec-fetch-site"];
      if ((site !== "cross-site" && site !== "same-site") || any) return null;
      if (isListed(readHeader(sent, "origin"))) return null;
      const message = "Pages of this site may not call the gateway: its origin is not in CORS_ORIGINS.";
      return createProtocolError("BAD_REQUEST", message, { status: 403 });
    },
  };
}
