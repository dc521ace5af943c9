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
  pools.observer.onCall?.({ method, endpoint: describeEndpoint(path), status, durationMs });
  return durationMs;
}

/**
 * Run an attempt, and record it in the statistics of the request, in the metrics and in the log. An answer is a
 * debug line, and a failure is a warning.
 */
export async function recordAttempt(
  recorders: Recorders,
  request: UpstreamRequest,
  number: number,
  run: () => Promise<RawReply>,
): Promise<RawReply> {
  const { log, requestId } = recorders.scope;
  const { method, path } = request;
  const startedAt = performance.now();
  countAttempt(recorders, request, number);
  try {
    const reply = await run();
    const { status } = reply;
    const durationMs = countEnd(recorders, request, status, startedAt);
    if (log.isLevelEnabled("debug")) {
      log.debug(
        { requestId, method, path: describeEndpoint(path), attempt: number, durationMs, status },
        "upstream call",
      );
    }
    return reply;
  } catch (error) {
    const err = error instanceof Error ? error : new Error("unknown");
    const durationMs = countEnd(recorders, request, null, startedAt);
    const path = describeEndpoint(request.path);
    log.warn({ requestId, method, path, attempt: number, durationMs, err }, "upstream call failed");
    throw error;
  }
}
