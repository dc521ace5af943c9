import { renderGraphiQL } from "@graphql-yoga/render-graphiql";
import { type DocumentNode, execute, type GraphQLSchema, subscribe } from "graphql";
import { createYoga, type Plugin } from "graphql-yoga";
import type { Config } from "../config.ts";
import { type Context, type ContextOptions, createContext } from "../context.ts";
import { GatewayError } from "../errors.ts";
import { MAX_BODY_BYTES } from "../limits.ts";
import { createDocumentCache } from "./documents/document-cache.ts";
import { useDocumentLimits } from "./documents/document-limits.ts";
import type { TrustedDocuments } from "./documents/manifest.ts";
import { useOperationName } from "./documents/operation-name.ts";
import { useTrustedDocuments } from "./documents/trusted-documents.ts";
import { useErrorBodies } from "./errors/error-bodies.ts";
import { useErrorMasking } from "./errors/mask-results.ts";
import { toGraphQLError } from "./errors/protocol-error.ts";
import { useMutationGuard } from "./guards/mutation-guard.ts";
import { useRateLimit } from "./guards/rate-limit.ts";
import type { RateStore } from "./guards/types.ts";
import { useUpstreamBudget } from "./guards/upstream-budget.ts";
import { useVariables } from "./guards/variables.ts";
import { useAcceptedTypes } from "./http/accepted-types.ts";
import { type AddressFinder, useClientAddress } from "./http/client-address.ts";
import { useCors, useCsrfGuard } from "./http/cross-origin.ts";
import { createGraphiqlOptions } from "./http/graphiql.ts";
import { useReadiness } from "./http/readiness.ts";
import { getRequestId, useRequestId } from "./http/request-id.ts";
import { useKnownParameters } from "./http/request-parameters.ts";
import { useSecurityHeaders } from "./http/security-headers.ts";
import { type Metrics, useMetrics } from "./telemetry/metrics.ts";
import { useOperationLog } from "./telemetry/operation-log.ts";
import { useTracing } from "./telemetry/tracing.ts";
import { useUpstreamStats } from "./telemetry/upstream-stats.ts";
import { useDistinctResults } from "./transports/distinct-results.ts";
import type { OpenStreams } from "./transports/open-streams.ts";
import { useSingleConnection } from "./transports/sse-single-connection.ts";
import { useStreamResponses } from "./transports/stream-response.ts";
import type { App, Readiness } from "./types.ts";

/** What {@link createApp} needs. */
export type AppOptions = {
  readonly config: Config;
  readonly schema: GraphQLSchema;
  /** What every request shares. */
  readonly shared: ContextOptions;
  /** The API key that GraphiQL shows in its headers, or null. */
  readonly exampleKey: string | null;
  readonly readiness: Readiness;
  /** Null without a manifest. */
  readonly documents: TrustedDocuments | null;
  /** Null when metrics are off. */
  readonly metrics: Metrics | null;
  readonly rateStore: RateStore;
  readonly streams: OpenStreams;
  readonly findAddress: AddressFinder;
};

/** Execute with the functions of `graphql` instead of those of Yoga. */
function useGraphqlJs(): Plugin {
  return {
    onExecute: ({ setExecuteFn }) => setExecuteFn(execute),
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe),
  };
}

/**
 * List the plugins of the application. Their order matters: for each hook, Yoga calls them from first to last.
 */
function listPlugins(options: AppOptions) {
  const { config, shared, readiness, documents, metrics, rateStore, streams, findAddress } = options;
  const { front, graphiql, suggestNames, tracing, watch } = config;
  const { log } = shared;
  return [
    // Every HTTP request.
    useErrorBodies(log),
    useRequestId(),
    useSecurityHeaders(),
    useCors(front.corsOrigins),
    useClientAddress(findAddress),
    useReadiness(readiness),
    ...(metrics === null ? [] : [useMetrics(metrics, documents)]),
    // Requests that carry an operation.
    useCsrfGuard(front.corsOrigins),
    useAcceptedTypes(),
    useSingleConnection({ log, streams, maxConnections: watch.maxStreams }),
    useTrustedDocuments(documents, front.persistedOnly),
    useKnownParameters(),
    // Operations.
    useGraphqlJs(),
    ...(tracing ? [useTracing(documents)] : []),
    ...useRateLimit(front.rateLimits, rateStore),
    useOperationName(),
    useDocumentLimits({
      introspection: graphiql,
      suggestNames,
      isTrusted: (text) => documents?.has(text) ?? false,
    }),
    useVariables(suggestNames),
    useMutationGuard(),
    useUpstreamBudget(front.maxUpstreamCalls),
    // Results.
    useUpstreamStats(),
    useOperationLog(log),
    useDistinctResults(),
    useStreamResponses(streams),
    useErrorMasking(log),
  ];
}

/** Create the context of a request. @throws {GraphQLError} for headers that are invalid */
function createRequestContext(shared: ContextOptions, request: Request): Context {
  try {
    return createContext(shared, request, getRequestId(request));
  } catch (error) {
    throw error instanceof GatewayError ? toGraphQLError(error, { spec: true, status: 400 }) : error;
  }
}

/** Assemble the GraphQL application. It does not listen on a port. */
export function createApp(options: AppOptions): App {
  const { config, schema, shared, exampleKey } = options;
  return createYoga<Record<string, unknown>, Context>({
    schema,
    context: ({ request }) => createRequestContext(shared, request),
    graphqlEndpoint: "/graphql",
    healthCheckEndpoint: "/health",
    graphiql: config.graphiql && createGraphiqlOptions(exampleKey),
    renderGraphiQL,
    landingPage: false,
    batching: false,
    multipart: false,
    cors: false,
    maskedErrors: false,
    logging: false,
    maxRequestBodySize: MAX_BODY_BYTES,
    parserAndValidationCache: {
      documentCache: createDocumentCache<DocumentNode>(),
      errorCache: createDocumentCache<object>(),
    },
    plugins: listPlugins(options),
  });
}
