import type { ServerResponse } from "node:http";
import type { Readiness } from "../types.ts";

/** Answer `/health`, which shows that the process is alive. */
export function sendHealth(response: ServerResponse): void {
  response.writeHead(200).end();
}

/**
 * Answer `/ready`: 200 while load balancers may send requests, and 503 after SIGTERM. An outage of the REST API does
 * not change the status, because it would take every gateway out of service at the same time. The body shows the
 * state of the breaker.
 */
export function sendReadiness(response: ServerResponse, { stopping, upstream }: Readiness): void {
  const report = upstream?.();
  const body = {
    status: stopping ? "stopping" : "ready",
    ...(report === undefined ? {} : { upstream: { breaker: report.state, failingCvms: report.cvms } }),
  };
  response.writeHead(stopping ? 503 : 200, { "content-type": "application/json" }).end(JSON.stringify(body));
}
