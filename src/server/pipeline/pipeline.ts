import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  subscribe,
} from "graphql";
import type { Config } from "../../config.ts";
import { type Context, type ContextOptions, createContext } from "../../context.ts";
import type { RequestFacts } from "../../request-facts.ts";
import { createDocumentCache } from "../documents/document-cache.ts";
import { createDocumentReader } from "../documents/document-limits.ts";
import type { TrustedDocuments } from "../documents/manifest.ts";
import { selectOperation } from "../documents/operation-name.ts";
import { parseParams } from "../documents/operation-params.ts";
import { createTextFinder } from "../documents/trusted-documents.ts";
import { maskResult, toErrorResult } from "../errors/mask-results.ts";
import { createProtocolError, toGraphQLError } from "../errors/protocol-error.ts";
import type { Guard, GuardedOperation } from "../guards/guard.ts";
import { guardMutations } from "../guards/mutation-guard.ts";
import { createRateLimit } from "../guards/rate-limit.ts";
import type { RateStore } from "../guards/types.ts";
import { createUpstreamBudget } from "../guards/upstream-budget.ts";
import { createVariableGuard } from "../guards/variables.ts";
import type { EndedOperation } from "../telemetry/ended-operation.ts";
import { countOperation, type Metrics } from "../telemetry/metrics.ts";
import { labelOperation, NO_OPERATION } from "../telemetry/operation-label.ts";
import { logOperation } from "../telemetry/operation-log.ts";
import { traceOperation } from "../telemetry/tracing.ts";
import { withUpstreamStats } from "../telemetry/upstream-stats.ts";
import { dropRepeats } from "./distinct-results.ts";
import { formatStream, isStream } from "./stream-results.ts";
import type { OperationResult, Pipeline } from "./types.ts";

/** What {@link createPipeline} needs. */
export type PipelineOptions = {
  readonly config: Config;
  readonly schema: GraphQLSchema;
  /** What every operation shares. */
  readonly shared: ContextOptions;
  /** Null without a manifest. */
  readonly documents: TrustedDocuments | null;
  /** Null when metrics are off. */
  readonly metrics: Metrics | null;
  readonly rateStore: RateStore;
};

/** How far an operation came. */
type Trail = {
  document: DocumentNode | null;
  operation: OperationDefinitionNode | null;
  /** Whether the rate limits have counted it. */
  counted: boolean;
  executed: boolean;
};

/** The distinct error codes of a result that is formatted for the client. */
function listCodes(result: OperationResult): readonly string[] {
  if (isStream(result) || result.errors === undefined) return [];
  return [...new Set(result.errors.map(({ extensions }) => String(extensions["code"])))];
}

function assertMayRun({ operation }: OperationDefinitionNode, { readOnly }: RequestFacts): void {
  if (!readOnly || operation !== "mutation") return;
  throw createProtocolError("BAD_REQUEST", "Can only perform a mutation operation from a POST request.", {
    status: 405,
    headers: { allow: "POST" },
  });
}

/** Create the pipeline of a process: `params → document → guards → context → execute → format errors`. */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { config, schema, shared, documents, metrics, rateStore } = options;
  const { front, graphiql: introspection, suggestNames, tracing } = config;
  const { log } = shared;
  const findText = createTextFinder(documents, front.persistedOnly);
  const isTrusted = (text: string) => documents?.has(text) ?? false;
  const readDocument = createDocumentCache(
    createDocumentReader(schema, { introspection, suggestNames, isTrusted }),
  );
  const limitRate = createRateLimit(front.rateLimits, rateStore);
  const guards: readonly Guard[] = [
    createVariableGuard(suggestNames),
    guardMutations,
    createUpstreamBudget(front.maxUpstreamCalls),
  ];

  async function check(operation: GuardedOperation, trail: Trail): Promise<GraphQLError | null> {
    trail.counted = true;
    const kind = operation.operation.operation === "mutation" ? "writes" : "reads";
    const excess = (await limitRate?.(operation.facts, kind)) ?? null;
    if (excess !== null) return excess;
    for (const guard of guards) {
      const rejection = guard(operation);
      const error = rejection instanceof Promise ? await rejection : rejection;
      if (error !== null) return error;
    }
    return null;
  }

  async function executeOperation(
    { document, operation, operationName, variableValues, facts }: GuardedOperation,
    contextValue: Context,
  ): Promise<OperationResult> {
    const args = { schema, document, contextValue, variableValues, operationName };
    if (operation.operation !== "subscription") {
      const result = await execute(args);
      return facts.wantsStats ? withUpstreamStats(result, contextValue) : result;
    }
    const results = await subscribe(args);
    return isStream(results) ? dropRepeats(results) : results;
  }

  async function attempt(facts: RequestFacts, params: unknown, trail: Trail): Promise<OperationResult> {
    const { query, variables, operationName } = parseParams(params, findText);
    const read = readDocument(query);
    const operation = selectOperation(read.document, operationName);
    trail.document = read.document;
    trail.operation = operation;
    assertMayRun(operation, facts);
    if (read.errors.length > 0) return { errors: read.errors };
    if (facts.refusal !== null) throw toGraphQLError(facts.refusal, { spec: true, status: 400 });
    const guarded = {
      schema,
      document: read.document,
      operation,
      operationName,
      variableValues: variables,
      facts,
    };
    const rejection = await check(guarded, trail);
    if (rejection !== null) return { errors: [rejection] };
    trail.executed = true;
    const context = createContext(shared, facts);
    const run = () => executeOperation(guarded, context);
    if (!tracing) return run();
    return traceOperation(labelOperation(schema, read.document, operation, documents), facts, run);
  }

  function report(ended: EndedOperation): void {
    if (metrics !== null) countOperation(metrics, ended);
    logOperation(log, ended);
  }

  /** Run an attempt, count it, format its errors and report it. */
  async function conduct(
    facts: RequestFacts,
    run: (trail: Trail) => OperationResult | Promise<OperationResult>,
  ): Promise<OperationResult> {
    const started = performance.now();
    const trail: Trail = { document: null, operation: null, counted: false, executed: false };
    let result: OperationResult;
    try {
      result = await run(trail);
    } catch (error) {
      result = toErrorResult(error);
    }
    if (!trail.counted) {
      const excess = (await limitRate?.(facts, "reads")) ?? null;
      if (excess !== null) result = { errors: [excess] };
    }
    const mask = (single: ExecutionResult) => maskResult(single, facts.id, log);
    const formatted = isStream(result)
      ? formatStream(result, mask, (error) => mask(toErrorResult(error)))
      : mask(result);
    const { document, operation, executed } = trail;
    report({
      facts,
      operation,
      executed,
      label:
        document === null || operation === null
          ? NO_OPERATION
          : labelOperation(schema, document, operation, documents),
      isStream: isStream(formatted),
      durationMs: performance.now() - started,
      codes: listCodes(formatted),
    });
    return formatted;
  }

  return {
    runOperation: (facts, params) => conduct(facts, (trail) => attempt(facts, params, trail)),
    async reject(facts, error) {
      const result = await conduct(facts, () => toErrorResult(error));
      return isStream(result) ? {} : result;
    },
  };
}
