import type { Plugin } from "graphql-yoga";
import { callerHeaders } from "../../credential.ts";
import { createProtocolError } from "../errors/protocol-error.ts";
import { STATS_HEADER } from "../telemetry/upstream-stats.ts";

const ALLOWED_HEADERS = [
  ...callerHeaders,
  "content-type",
  "idempotency-key",
  "traceparent",
  "x-request-id",
  STATS_HEADER,
];
const EXPOSED_HEADERS = ["retry-after", "x-request-id"];
const PREFLIGHT_SECONDS = 600;

/**
 * Allow pages of the listed origins, and no other pages, to read responses. Cookies are never allowed: the
 * gateway's credential is a header that a page sets itself.
 */
export function useCors(origins: readonly string[]): Plugin {
  const any = origins.includes("*");
  const listed = new Set(origins);
  return {
    onRequest({ request, endResponse, fetchAPI }) {
      const preflight = request.method === "OPTIONS" && request.headers.has("access-control-request-method");
      if (!preflight || !(any || listed.has(request.headers.get("origin") ?? ""))) return;
      endResponse(
        new fetchAPI.Response(null, {
          status: 204,
          headers: {
            "access-control-allow-methods": "GET, POST",
            "access-control-allow-headers": ALLOWED_HEADERS.join(", "),
            "access-control-max-age": String(PREFLIGHT_SECONDS),
          },
        }),
      );
    },
    onResponse({ request, response }) {
      const origin = request.headers.get("origin");
      if (!any && listed.size > 0) response.headers.append("vary", "origin");
      if (origin === null || !(any || listed.has(origin))) return;
      response.headers.set("access-control-allow-origin", any ? "*" : origin);
      response.headers.set("access-control-expose-headers", EXPOSED_HEADERS.join(", "));
    },
  };
}

/**
 * Reject requests that a page of another site can make a browser send without a preflight: a POST with the
 * content type of a form, and any request that the browser marks as coming from a site that is not listed.
 */
export function useCsrfGuard(origins: readonly string[]): Plugin {
  const any = origins.includes("*");
  const listed = new Set(origins);
  return {
    onRequestParse({ request }) {
      const type = request.headers.get("content-type")?.split(/[;,]/)[0]?.trim() ?? "";
      if (request.method === "POST" && type !== "application/json" && type !== "application/graphql+json") {
        const message = "Send the operation as JSON, with content-type: application/json.";
        throw createProtocolError("BAD_REQUEST", message, { status: 415 });
      }
      const site = request.headers.get("sec-fetch-site") ?? "none";
      const foreign = site === "cross-site" || site === "same-site";
      if (foreign && !any && !listed.has(request.headers.get("origin") ?? "")) {
        const message = "Pages of this site may not call the gateway: its origin is not in CORS_ORIGINS.";
        throw createProtocolError("BAD_REQUEST", message, { status: 403 });
      }
    },
  };
}
