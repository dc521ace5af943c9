import { GraphQLError } from "graphql";
import type { Plugin } from "graphql-yoga";
import { STATS_HEADER } from "../guards/limits.ts";

const ALLOWED_HEADERS = [
  "authorization",
  "content-type",
  "idempotency-key",
  "traceparent",
  "x-api-key",
  "x-request-id",
  STATS_HEADER,
];
const EXPOSED_HEADERS = ["retry-after", "x-request-id"];
const PREFLIGHT_SECONDS = 600;

function refuse(status: number, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BAD_REQUEST", http: { status } } });
}

/**
 * Lets pages of the listed origins read answers, and no other page. Credentials in the browser's sense, which
 * are cookies, are never allowed: the gateway's credential is a header that a page has to set itself.
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
 * Refuses what a foreign page could make a browser send without asking first: a POST of a type that a form
 * can send, and, where the browser says so, any request from another site that is not listed.
 */
export function useCsrfGuard(origins: readonly string[]): Plugin {
  const any = origins.includes("*");
  const listed = new Set(origins);
  return {
    onRequestParse({ request }) {
      const type = request.headers.get("content-type")?.split(/[;,]/)[0]?.trim() ?? "";
      if (request.method === "POST" && type !== "application/json" && type !== "application/graphql+json") {
        throw refuse(415, "Send the operation as JSON, with content-type: application/json.");
      }
      const site = request.headers.get("sec-fetch-site") ?? "none";
      const foreign = site === "cross-site" || site === "same-site";
      if (foreign && !any && !listed.has(request.headers.get("origin") ?? "")) {
        throw refuse(403, "Pages of this site may not call the gateway: its origin is not in CORS_ORIGINS.");
      }
    },
  };
}
