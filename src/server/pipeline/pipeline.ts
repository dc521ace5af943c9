import type { ExecutionResult } from "graphql";
import type { RequestFacts } from "../../request-facts.ts";
import { maskResult, toErrorResult } from "../errors/mask-results.ts";
import { createRateLimit } from "../guards/rate-limit.ts";
import type { RateStore } from "../guards/types.ts";
import { countOperation } from "../telemetry/count-operation.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { labelOperation, NO_OPERATION } from "../telemetry/operation-label.ts";
import { logOperation } from "../telemetry/operation-log.ts";
import { type AttemptOptions, createAttempt, type Trail } from "./run-attempt.ts";
import { formatStream, isStream } from "./stream-results.ts";
import type { OperationResult, Pipeline } from "./types.ts";

/** What {@link createPipeline} needs. */
export type PipelineOptions = Omit<AttemptOptions, "limitRate"> & {
  /** Null when metrics are off. */
  readonly metrics: Metrics | null;
  readonly rateStore: RateStore;
};

/** The distinct error codes of a result that is formatted for the client. */
function listCodes(result: OperationResult): readonly string[] {
  if (isStream(result) || result.errors === undefined) return [];
  return [...new Set(result.errors.map(({ extensions }) => String(extensions["code"])))];
}

/** Create the pipeline of a process. Every operation of every transport runs through it. */
export function createPipeline({ metrics, rateStore, ...options }: PipelineOptions): Pipeline {
  const { config, schema, shared, documents } = options;
  const { log } = shared;
  const limitRate = createRateLimit(config.front.rateLimits, rateStore);
  const attempt = createAttempt({ ...options, limitRate });

  function report(facts: RequestFacts, trail: Trail, result: OperationResult, durationMs: number): void {
    const { document, operation, executed } = trail;
    const label =
      document === null || operation === null
        ? NO_OPERATION
        : labelOperation(schema, document, operation, documents);
    const codes = listCodes(result);
    const ended = { facts, operation, executed, label, isStream: isStream(result), durationMs, codes };
    if (metrics !== null) countOperation(metrics, ended);
    logOperation(log, ended);
  }

  /** Run an attempt. A request that failed before it was counted counts as a read. */
  async function runCounted(facts: RequestFacts, trail: Trail, run: () => Promise<OperationResult>) {
    try {
      const result = await run().catch(toErrorResult);
      if (trail.counted || limitRate === null) return result;
      const excess = await limitRate(facts, "reads");
      return excess === null ? result : { errors: [excess] };
    } catch (error) {
      return toErrorResult(error);
    }
  }

  /** Run an attempt, format its errors and report it. */
  async function conduct(
    facts: RequestFacts,
    run: (trail: Trail) => Promise<OperationResult>,
  ): Promise<OperationResult> {
    const started = performance.now();
    const trail: Trail = { document: null, operation: null, counted: false, executed: false };
    const mask = (result: ExecutionResult) => maskResult(result, facts.id, log);
    const result = await runCounted(facts, trail, () => run(trail));
    const formatted = isStream(result)
      ? formatStream(result, mask, (error) => mask(toErrorResult(error)))
      : mask(result);
    report(facts, trail, formatted, performance.now() - started);
    return formatted;
  }

  return {
    runOperation: (facts, params) => conduct(facts, (trail) => attempt(facts, params, trail)),
    async reject(facts, error) {
      const result = await conduct(facts, async () => toErrorResult(error));
      return isStream(result) ? {} : result;
    },
  };
}
