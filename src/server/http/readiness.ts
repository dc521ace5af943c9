import type { Plugin } from "graphql-yoga";
import type { Readiness } from "../types.ts";

/**
 * Serve `GET /ready`: 200 while load balancers may send requests, and 503 after SIGTERM. An outage of the REST
 * API does not change the status, because it would take every gateway out of service at the same time. The
 * body shows the state of the breaker. Yoga serves `GET /health`, which shows that the process is alive.
 */
export function useReadiness(readiness: Readiness): Plugin {
  return {
    onRequest({ url, request, fetchAPI, endResponse }) {
      if (url.pathname !== "/ready" || (request.method !== "GET" && request.method !== "HEAD")) return;
      const report = readiness.upstream?.();
      const body = {
        status: readiness.stopping ? "stopping" : "ready",
        ...(report === undefined ? {} : { upstream: { breaker: report.state, failingCvms: report.cvms } }),
      };
      endResponse(
        new fetchAPI.Response(JSON.stringify(body), {
          status: readiness.stopping ? 503 : 200,
          headers: { "content-type": "application/json", "cache-control": "no-store" },
        }),
      );
    },
  };
}
