import type { Plugin } from "graphql-yoga";
import type { Readiness } from "../types.ts";

/**
 * Serve `GET /ready`: 200 while the process accepts requests, and 503 while it drains. An outage of the REST
 * API does not change the status, because it would take every gateway out of service at the same time. The
 * body shows the state of the breaker. Yoga serves `GET /health`, which shows that the process is alive.
 */
export function useReadiness(readiness: Readiness): Plugin {
  return {
    onRequest({ url, request, fetchAPI, endResponse }) {
      if (url.pathname !== "/ready" || (request.method !== "GET" && request.method !== "HEAD")) return;
      const report = readiness.upstream?.();
      const body = {
        status: readiness.draining ? "draining" : "ready",
        ...(report === undefined ? {} : { upstream: { breaker: report.state, failingCvms: report.cvms } }),
      };
      endResponse(
        new fetchAPI.Response(JSON.stringify(body), {
          status: readiness.draining ? 503 : 200,
          headers: { "content-type": "application/json", "cache-control": "no-store" },
        }),
      );
    },
  };
}
