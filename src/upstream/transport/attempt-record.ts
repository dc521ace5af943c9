import type { ConnectionPools } from "./connection-pools.ts";
import { describeEndpoint } from "./endpoint.ts";
import type { RawReply, UpstreamRequest, UpstreamScope, UpstreamStats } from "./types.ts";

type Recorders = {
  readonly pools: ConnectionPools;
  readonly scope: UpstreamScope;
  readonly stats: UpstreamStats;
};

function countAttempt(
  { pools, stats }: Recorders,
  { method, effect, path }: UpstreamRequest,
  number: number,
) {
  if (effect === "write") stats.writes += 1;
  if (number === 1) stats.calls += 1;
  else {
    stats.retries += 1;
    pools.observer.onRetry?.({ method, endpoint: describeEndpoint(path) });
  }
}

/** Record the end of an attempt in the statistics of the request and in the metrics. @returns its duration */
function countEnd(
  { pools, stats }: Recorders,
  { method, path }: UpstreamRequest,
  status: number | null,
  startedAt: number,
): number {
  const durationMs = performance.now() - startedAt;
  stats.ms += durationMs;
  const { onCall } = pools.observer;
  if (onCall !== undefined) onCall({ method, endpoint: describeEndpoint(path), status, durationMs });
  return durationMs;
}

/** Records how an attempt ends. */
type AttemptRecord = {
  reply(reply: RawReply): void;
  failure(error: unknown): void;
};

/**
 * Record that an attempt begins. Its end is recorded in the statistics of the request, in the metrics and in the log. An
 * answer is a debug line, and a failure is a warning.
 */
export function beginRecord(recorders: Recorders, request: UpstreamRequest, number: number): AttemptRecord {
  const { log, requestId } = recorders.scope;
  const startedAt = performance.now();
  countAttempt(recorders, request, number);
  const describe = () => ({
    requestId,
    method: request.method,
    path: describeEndpoint(request.path),
    attempt: number,
  });
  return {
    reply({ status }) {
      const durationMs = countEnd(recorders, request, status, startedAt);
      if (log.isLevelEnabled("debug")) log.debug({ ...describe(), durationMs, status }, "upstream call");
    },
    failure(error) {
      const err = error instanceof Error ? error : new Error("unknown");
      const durationMs = countEnd(recorders, request, null, startedAt);
      log.warn({ ...describe(), durationMs, err }, "upstream call failed");
    },
  };
}
