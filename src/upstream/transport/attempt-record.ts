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

/** Run an attempt, and record it in the statistics of the request, in the metrics and in the log. */
export async function recordAttempt(
  recorders: Recorders,
  request: UpstreamRequest,
  number: number,
  run: () => Promise<RawReply>,
): Promise<RawReply> {
  const { pools, scope, stats } = recorders;
  const { method } = request;
  const endpoint = describeEndpoint(request.path);
  const startedAt = performance.now();
  const end = (status: number | null): object => {
    const durationMs = performance.now() - startedAt;
    stats.ms += durationMs;
    pools.observer.onCall?.({ method, endpoint, status, durationMs });
    return { method, path: endpoint, attempt: number, durationMs };
  };

  countAttempt(recorders, request, number);
  try {
    const reply = await run();
    scope.log.info({ ...end(reply.status), status: reply.status }, "upstream call");
    return reply;
  } catch (error) {
    const err = error instanceof Error ? error : new Error("unknown");
    scope.log.warn({ ...end(null), err }, "upstream call failed");
    throw error;
  }
}
