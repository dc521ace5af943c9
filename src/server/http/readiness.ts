import type { Plugin } from "graphql-yoga";
import type { BreakerReport } from "../../upstream/transport/breaker.ts";

/** Whether the process takes new requests, and how the REST API does. */
export type Readiness = { draining: boolean; readonly upstream?: () => BreakerReport };

/**
 * `GET /ready` says that the process takes requests: 200, and 503 once it drains. It does not ask the REST
 * API: its outage is no reason to leave a gateway, and would be one for all gateways at once. So an open
 * breaker shows in the body and the status stays 200. (`GET /health`, which says that the process lives, is
 * Yoga's own.)
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
