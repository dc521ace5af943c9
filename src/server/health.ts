import type { Plugin } from "graphql-yoga";
import type { BreakerReport } from "../upstream/breaker.ts";

/** Whether the process takes new requests, and how the REST API does. */
export type Readiness = { draining: boolean; readonly upstream?: () => BreakerReport };

/**
 * `GET /health` says that the process lives; `GET /ready` that it takes requests, 503 once it drains.
 * Neither asks the REST API: its outage is no reason to restart or to leave a gateway, and would be one for
 * all gateways at once. So `/ready` shows an open breaker in its body and stays 200.
 */
export function useHealth(readiness: Readiness): Plugin {
  return {
    onRequest({ url, request, fetchAPI, endResponse }) {
      if (request.method !== "GET" && request.method !== "HEAD") return;
      const answer = (status: number, body: Readonly<Record<string, unknown>>) =>
        endResponse(
          new fetchAPI.Response(JSON.stringify(body), {
            status,
            headers: { "content-type": "application/json", "cache-control": "no-store" },
          }),
        );
      if (url.pathname === "/health") answer(200, { status: "ok" });
      if (url.pathname !== "/ready") return;
      if (readiness.draining) return answer(503, { status: "draining" });
      const report = readiness.upstream?.();
      answer(200, {
        status: "ready",
        ...(report === undefined ? {} : { upstream: { breaker: report.state, failingCvms: report.cvms } }),
      });
    },
  };
}
