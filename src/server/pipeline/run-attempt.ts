import {
  type DocumentNode,
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
import { createProtocolError } from "../errors/protocol-error.ts";
import type { GuardedOperation } from "../guards/guard.ts";
import { guardMutations } from "../guards/mutation-guard.ts";
import type { RateLimit } from "../guards/rate-limit.ts";
import { createUpstreamBudget } from "../guards/upstream-budget.ts";
import { createVariableGuard } from "../guards/variables.ts";
import { labelOperation } from "../telemetry/operation-label.ts";
import { traceOperation } from "../telemetry/tracing.ts";
import { withUpstreamStats } from "../telemetry/upstream-stats.ts";
import { dropRepeats } from "./distinct-results.ts";
import { createExecutor } from "./execute-operation.ts";
import { findRefusal } from "./refusal.ts";
import { isStream } from "./stream-results.ts";
import type { OperationResult } from "./types.ts";

/** What {@link createAttempt} needs. */
export type AttemptOptions = {
  readonly config: Config;
  readonly schema: GraphQLSchema;
  /** What every operation shares. */
  readonly shared: ContextOptions;
  /** Null without a manifest. */
  readonly documents: TrustedDocuments | null;
  /** Null when no limit is set. */
  readonly limitRate: RateLimit | null;
  /** See {@link createExecutor}. */
  readonly compileFrom: number;
};

/** How far an operation came. */
export type Trail = {
  document: DocumentNode | null;
  operation: OperationDefinitionNode | null;
  /** Whether the rate limits have counted it. */
  counted: boolean;
  executed: boolean;
};

/** Create the trail of an operation that has just arrived. */
export function createTrail(): Trail {
  return { document: null, operation: null, counted: false, executed: false };
}

/** Runs one operation. Its errors are not formatted. @throws an error that rejects the operation as a whole */
export type Attempt = (facts: RequestFacts, params: unknown, trail: Trail) => Promise<OperationResult>;

/** Assert that a GET runs no mutation. */
function assertMayRun({ operation }: OperationDefinitionNode, { readOnly }: RequestFacts): void {
  if (!readOnly || operation !== "mutation") return;
  throw createProtocolError("BAD_REQUEST", "Can only perform a mutation operation from a POST request.", {
    status: 405,
    headers: { allow: "POST" },
  });
}

/** Create the function that checks an operation by its guards, in their order. */
function createCheck({ config }: AttemptOptions): (operation: GuardedOperation) => GraphQLError | null {
  const coerceVariables = createVariableGuard(config.suggestNames);
  const checkBudget = createUpstreamBudget(config.front.maxUpstreamCalls);
  return (operation) => {
    const guarded = { ...operation, variables: coerceVariables(operation) };
    return guardMutations(guarded) ?? checkBudget(guarded);
  };
}

/** Create the function that executes an operation, or opens its stream. */
function createRun({ schema, compileFrom }: AttemptOptions) {
  const execute = createExecutor(schema, compileFrom);

  async function openStream(operation: GuardedOperation, contextValue: Context): Promise<OperationResult> {
    const { document, operationName, variableValues } = operation;
    const results = await subscribe({ schema, document, operationName, variableValues, contextValue });
    return isStream(results) ? dropRepeats(results) : results;
  }

  return (guarded: GuardedOperation, context: Context): Promise<OperationResult> => {
    if (guarded.operation.operation === "subscription") return openStream(guarded, context);
    const result = execute(guarded, context);
    return guarded.facts.wantsStats ? result.then((done) => withUpstreamStats(done, context)) : result;
  };
}

/** Create the function that runs one operation: `params → document → guards → context → execute`. */
export function createAttempt(options: AttemptOptions): Attempt {
  const { config, schema, shared, documents, limitRate } = options;
  const { front, graphiql: introspection, suggestNames, tracing } = config;
  const findText = createTextFinder(documents, front.persistedOnly);
  const isTrusted = (text: string) => documents?.has(text) ?? false;
  const reader = createDocumentReader(schema, { introspection, suggestNames, isTrusted });
  const readDocument = createDocumentCache(reader);
  const check = createCheck(options);
  const run = createRun(options);
  return async (facts, params, trail) => {
    const { query, variables: variableValues, operationName } = parseParams(params, findText);
    const read = readDocument(query);
    const { document } = read;
    const operation = selectOperation(document, operationName);
    trail.document = document;
    trail.operation = operation;
    assertMayRun(operation, facts);
    if (read.errors.length > 0) return { errors: read.errors };
    const refusal = findRefusal(facts);
    if (refusal !== null) throw refusal;
    const guarded = { schema, document, operation, operationName, variableValues, facts };
    trail.counted = true;
    const kind = operation.operation === "mutation" ? "writes" : "reads";
    const excess = limitRate === null ? null : await limitRate(facts, kind);
    const rejection = excess ?? check(guarded);
    if (rejection !== null) return { errors: [rejection] };
    trail.executed = true;
    const context = createContext(shared, facts);
    if (!tracing) return run(guarded, context);
    const label = labelOperation(schema, document, operation, documents);
    return traceOperation(label, facts, () => run(guarded, context));
  };
}
