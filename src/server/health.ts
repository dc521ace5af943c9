import type { Plugin } from "graphql-yoga";

/** Whether the process takes new requests. */
export type Readiness = { draining: boolean };

/**
 * `GET /health` says that the process lives; `GET /ready` that it takes requests, 503 once it drains.
 * Neither asks the REST API: its outage is no reason to restart or to leave a gateway.
 */
export function useHealth(readiness: Readiness): Plugin {
  return {
    onRequest({ url, request, fetchAPI, endResponse }) {
      if (request.method !== "GET" && request.method !== "HEAD") return;
      const answer = (status: number, word: string) =>
        endResponse(
          new fetchAPI.Response(JSON.stringify({ status: word }), {
            status,
            headers: { "content-type": "application/json", "cache-control": "no-store" },
          }),
        );
      if (url.pathname === "/health") answer(200, "ok");
      if (url.pathname === "/ready")
        answer(readiness.draining ? 503 : 200, readiness.draining ? "draining" : "ready");
    },
  };
}
