import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { UpstreamObserver } from "../../upstream/transport/connection-pools.ts";

const PREFIX = "cvm_gateway_";
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const breakerValues = { closed: 0, halfOpen: 1, open: 2 } as const;

/** Metrics of one process. */
export type Metrics = ReturnType<typeof createMetrics>;

/** Create the metrics of one process, including the event loop lag and the memory of Node. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const upstreamLabels = ["method", "endpoint"] as const;
  const operationLabels = ["type", "operation"] as const;
  const calls = new Counter({
    name: `${PREFIX}upstream_calls_total`,
    help: "Requests sent to the REST API by endpoint and HTTP status; `none` without an answer.",
    labelNames: [...upstreamLabels, "status"],
    registers,
  });
  const callSeconds = new Histogram({
    name: `${PREFIX}upstream_call_duration_seconds`,
    help: "Duration of requests to the REST API.",
    labelNames: upstreamLabels,
    buckets: DURATION_BUCKETS,
    registers,
  });
  const retries = new Counter({
    name: `${PREFIX}upstream_retries_total`,
    help: "Retries of reads.",
    labelNames: upstreamLabels,
    registers,
  });
  const breaker = new Gauge({
    name: `${PREFIX}upstream_breaker_state`,
    help: "State of the breaker of the REST API: 0 closed, 1 half open, 2 open.",
    registers,
  });
  breaker.set(breakerValues.closed);
  const operations = new Counter({
    name: `${PREFIX}operations_total`,
    help: "GraphQL operations by their first error code; `ok` without errors.",
    labelNames: [...operationLabels, "outcome"],
    registers,
  });
  const operationSeconds = new Histogram({
    name: `${PREFIX}operation_duration_seconds`,
    help: "Duration of queries and mutations.",
    labelNames: operationLabels,
    buckets: DURATION_BUCKETS,
    registers,
  });
  const redisFailures = new Counter({
    name: `${PREFIX}redis_failures_total`,
    help: "Failures of Redis: of its connection, or of a command.",
    registers,
  });
  const lockPauses = new Counter({
    name: `${PREFIX}redis_lock_pauses_total`,
    help: "Pauses of the locks in Redis, after it changed its master, was restarted or was emptied.",
    registers,
  });
  let countSubscriptions = () => 0;
  const subscriptions: Gauge = new Gauge({
    name: `${PREFIX}subscriptions`,
    help: "Running subscriptions.",
    registers,
    collect: () => subscriptions.set(countSubscriptions()),
  });
  const observer: UpstreamObserver = {
    onCall({ method, endpoint, status, durationMs }) {
      calls.inc({ method, endpoint, status: status === null ? "none" : String(status) });
      callSeconds.observe({ method, endpoint }, durationMs / 1000);
    },
    onRetry: (labels) => retries.inc(labels),
    onBreaker: (state) => breaker.set(breakerValues[state]),
  };
  /** Set the function that counts the running subscriptions. It is called for each reading of the metrics. */
  const observeSubscriptions = (count: () => number) => {
    countSubscriptions = count;
  };
  return {
    registry,
    observer,
    operations,
    operationSeconds,
    redisFailures,
    lockPauses,
    observeSubscriptions,
  };
}

/** Create a request listener that serves `GET /metrics` in the text format of Prometheus. */
export function createMetricsListener({ registry }: Metrics) {
  return async (
    request: { readonly method?: string | undefined; readonly url?: string | undefined },
    response: {
      writeHead(status: number, headers?: Record<string, string>): { end(text?: string): unknown };
    },
  ): Promise<void> => {
    const found = request.method === "GET" && request.url?.split("?")[0] === "/metrics";
    if (!found) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": registry.contentType }).end(await registry.metrics());
  };
}
