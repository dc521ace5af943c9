import type { ConnectionPools } from "./connection-pools.ts";
import { describeEndpoint } from "./endpoint.ts";
import type { RawReply, UpstreamRequest, UpstreamScope, UpstreamStats } from "./types.ts";

type Recorders = {
  readonly pools: ConnectionPools;
  readonly scope: UpstreamScope;
  readonly stats: UpstreamStats;
};

/**
 * Record of an attempt, from its beginning. It is kept in the statistics of the request, in the metrics and in the log.
 * An answer is a debug line, and a failure is a warning.
 */
export class AttemptRecord {
  readonly #recorders: Recorders;
  readonly #request: UpstreamRequest;
  readonly #number: number;
  readonly #startedAt = performance.now();

  constructor(recorders: Recorders, request: UpstreamRequest, number: number) {
    this.#recorders = recorders;
    this.#request = request;
    this.#number = number;
    const { pools, stats } = recorders;
    if (request.effect === "write") stats.writes += 1;
    if (number === 1) stats.calls += 1;
    else {
      stats.retries += 1;
      pools.observer.onRetry?.({ method: request.method, endpoint: describeEndpoint(request.path) });
    }
  }

  reply({ status }: RawReply): void {
    const durationMs = this.#countEnd(status);
    const { log } = this.#recorders.scope;
    if (log.isLevelEnabled("debug")) log.debug({ ...this.#describe(), durationMs, status }, "upstream call");
  }

  failure(error: unknown): void {
    const err = error instanceof Error ? error : new Error("unknown");
    const durationMs = this.#countEnd(null);
    this.#recorders.scope.log.warn({ ...this.#describe(), durationMs, err }, "upstream call failed");
  }

  /** Record the end in the statistics of the request and in the metrics. @returns the duration */
  #countEnd(status: number | null): number {
    const { pools, stats } = this.#recorders;
    const { method, path } = this.#request;
    const durationMs = performance.now() - this.#startedAt;
    stats.ms += durationMs;
    const { onCall } = pools.observer;
    if (onCall !== undefined) onCall({ method, endpoint: describeEndpoint(path), status, durationMs });
    return durationMs;
  }

  #describe() {
    const { method, path } = this.#request;
    const { requestId } = this.#recorders.scope;
    return { requestId, method, path: describeEndpoint(path), attempt: this.#number };
  }
}
