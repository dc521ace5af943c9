import { renderGraphiQL } from "@graphql-yoga/render-graphiql";
import { type DocumentNode, execute, type GraphQLSchema, subscribe } from "graphql";
import { createYoga, type Plugin, type YogaServerInstance } from "graphql-yoga";
import { LRUCache } from "lru-cache";
import type { FrontConfig } from "../../config.ts";
import { type Context, type ContextOptions, createContext } from "../../context.ts";
import { documentCacheLimits, MAX_BODY_BYTES } from "../../limits.ts";
import type { PersistedDocuments } from "../documents/manifest.ts";
import { useTrustedDocuments } from "../documents/trusted-documents.ts";
import { useErrorBodies } from "../errors/error-bodies.ts";
import { useErrorFunnel } from "../errors/mask-results.ts";
import { useDocumentLimits, useUpstreamBudget, useUpstreamStats } from "../guards/limits.ts";
import { useMutationGuard } from "../guards/mutation-guard.ts";
import { type RateStore, useRateLimit } from "../guards/rate-limit.ts";
import { useVariables } from "../guards/variables.ts";
import { type Metrics, useMetrics } from "../telemetry/metrics.ts";
import { useOperationLog } from "../telemetry/operation-log.ts";
import { useTracing } from "../telemetry/tracing.ts";
import { useNoRepeats } from "../transports/distinct-results.ts";
import type { OpenStreams } from "../transports/open-streams.ts";
import { useSingleConnection } from "../transports/sse-single-connection.ts";
import { useStreams } from "../transports/stream-response.ts";
import { useAcceptedTypes } from "./accepted-types.ts";
import { useClientAddress } from "./client-address.ts";
import { useCors, useCsrfGuard } from "./cross-origin.ts";
import { createGraphiqlOptions } from "./graphiql.ts";
import { type Readiness, useReadiness } from "./readiness.ts";
import { getRequestId, useRequestId } from "./request-id.ts";
import { useKnownParameters } from "./request-parameters.ts";
import { useSecurityHeaders } from "./security-headers.ts";

/** What {@link createApp} takes beside what every request needs. */
export type AppOptions = ContextOptions & {
  readonly schema: GraphQLSchema;
  /** Serves GraphiQL and answers introspection. */
  readonly graphiql: boolean;
  /** The key that GraphiQL shows among the headers, or null. */
  readonly exampleKey: string | null;
  readonly readiness: Readiness;
  readonly front: FrontConfig;
  /** Null where no manifest is given. */
  readonly documents?: PersistedDocuments | null;
  /** Null switches them off. */
  readonly metrics?: Metrics | null;
  readonly tracing?: boolean;
  /** Where rates are counted. */
  readonly rateStore: RateStore;
  readonly streams: OpenStreams;
  /** How many connections may be held open for streams in all. */
  readonly maxStreams: number;
};

/** The application: a request listener for `node:http`, and `fetch` for callers in the same process. */
export type App = YogaServerInstance<Record<string, unknown>, Context>;

function useEngine(): Plugin {
  return {
    onExecute({ setExecuteFn }) {
      setExecuteFn(execute);
    },
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn(subscribe);
    },
  };
}

/** Remembers parsed documents by their text. What is longer may hold an input, and is parsed each time. */
function createDocumentCache<V extends object>(): LRUCache<string, V> {
  return new LRUCache({
    maxSize: documentCacheLimits.total,
    maxEntrySize: documentCacheLimits.perDocument,
    sizeCalculation: (_value, text) => text.length + 1,
  });
}

/** Assembles the application. It opens nothing and never listens. The order of the plugins matters. */
export function createApp({
  schema,
  graphiql,
  exampleKey,
  readiness,
  streams,
  maxStreams,
  front,
  documents = null,
  metrics = null,
  tracing = false,
  rateStore,
  ...contextOptions
}: AppOptions): App {
  const { log } = contextOptions;
  return createYoga<Record<string, unknown>, Context>({
    schema,
    context: ({ request }) => createContext(contextOptions, request, getRequestId(request)),
    graphqlEndpoint: "/graphql",
    healthCheckEndpoint: "/health",
    graphiql: graphiql && createGraphiqlOptions(exampleKey),
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
    plugins: [
      useErrorBodies(log),
      useRequestId(),
      useSecurityHeaders(),
      useCors(front.corsOrigins),
      useClientAddress(front.trustedProxies),
      useReadiness(readiness),
      ...(metrics === null ? [] : [useMetrics(metrics, documents)]),
      useCsrfGuard(front.corsOrigins),
      useAcceptedTypes(),
      useSingleConnection({ log, streams, maxConnections: maxStreams, maxBodyBytes: MAX_BODY_BYTES }),
      useTrustedDocuments(documents, front.persistedOnly),
      useKnownParameters(),
      useEngine(),
      ...(tracing ? [useTracing(documents)] : []),
      ...useRateLimit(front.rateLimits, rateStore),
      useDocumentLimits(graphiql),
      useVariables(),
      useMutationGuard(),
      useUpstreamBudget(front.maxUpstreamCalls),
      useUpstreamStats(),
      useOperationLog(log),
      useNoRepeats(),
      useStreams(streams),
      useErrorFunnel(log),
    ],
  });
}
