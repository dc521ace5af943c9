import type { ExecutionResult } from "graphql";
import type { RequestFacts } from "../../request-facts.ts";
import { maskResult, toErrorResult } from "../errors/mask-results.ts";
import { createRateLimit } from "../guards/rate-limit.ts";
import type { RateStore } from "../guards/types.ts";
import { countOperation } from "../telemetry/count-operation.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { labelOperation, NO_OPERATION } from "../telemetry/operation-label.ts";
import { logOperation } from "../telemetry/operation-log.ts";
import { type AttemptOptions, createAttempt, createTrail, type Trail } from "./run-attempt.ts";
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
    const codes = listCodes(result);
    const ended = { facts, operation, executed, isStream: isStream(result), durationMs, codes };
    logOperation(log, ended);
    if (metrics === null) return;
    const isNone = document === null || operation === null;
    const label = isNone ? NO_OPERATION : labelOperation(schema, document, operation, documents);
    countOperation(metrics, ended, label);
  }

  /** Count a request that failed before it was an operation as a read. @returns the error of the limit, or null */
  async function countFailed(facts: RequestFacts): Promise<ExecutionResult | null> {
    try {
      const excess = (await limitRate?.(facts, "reads")) ?? null;
      return excess && { errors: [excess] };
    } catch (error) {
      return toErrorResult(error);
    }
  }

  function finishResult(facts: RequestFacts, trail: Trail, result: ExecutionResult, started: number) {
    const masked = maskResult(result, facts.id, log);
    report(facts, trail, masked, performance.now() - started);
    return masked;
  }

  function finishStream(
    facts: RequestFacts,
    trail: Trail,
    results: AsyncIterable<ExecutionResult>,
    started: number,
  ) {
    const mask = (result: ExecutionResult) => maskResult(result, facts.id, log);
    const formatted = formatStream(results, mask, (error) => mask(toErrorResult(error)));
    report(facts, trail, formatted, performance.now() - started);
    return formatted;
  }

  return {
    async runOperation(facts, params) {
      const started = performance.now();
      const trail = createTrail();
      let result: OperationResult;
      try {
        result = await attempt(facts, params, trail);
      } catch (error) {
        result = toErrorResult(error);
      }
      if (!trail.counted) result = (await countFailed(facts)) ?? result;
      return isStream(result)
        ? finishStream(facts, trail, result, started)
        : finishResult(facts, trail, result, started);
    },
    async reject(facts, error) {
      const started = performance.now();
      const result = (await countFailed(facts)) ?? toErrorResult(error);
      return finishResult(facts, createTrail(), result, started);
    },
  };
}
