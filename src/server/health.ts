import type { Plugin } from "graphql-yoga";

/** Whether the process takes new requests. */
export type Readiness = { draining: boolean };

/**
 * `GET /ready` says that the process takes requests: 200, and 503 once it drains. It does not ask the REST
 * API, whose outage is no reason to leave a gateway. (`GET /health`, which says that the process lives, is
 * Yoga's own.)
 */
export function useReadiness(readiness: Readiness): Plugin {
  return {
    onRequest({ url, request, fetchAPI, endResponse }) {
      if (url.pathname !== "/ready" || (request.method !== "GET" && request.method !== "HEAD")) return;
      endResponse(
        new fetchAPI.Response(JSON.stringify({ status: readiness.draining ? "draining" : "ready" }), {
          status: readiness.draining ? 503 : 200,
          headers: { "content-type": "application/json", "cache-control": "no-store" },
        }),
      );
    },
  };
}
