import { renderGraphiQL } from "@graphql-yoga/render-graphiql";
import { execute, type GraphQLSchema, subscribe } from "graphql";
import { createYoga, type Plugin, type YogaServerInstance } from "graphql-yoga";
import type { FrontConfig } from "../config.ts";
import { type Context, type ContextOptions, createContext } from "../context.ts";
import { MAX_BODY_BYTES } from "./body-limit.ts";
import { useErrorFunnel } from "./error-funnel.ts";
import { createGraphiqlOptions } from "./graphiql.ts";
import { type Readiness, useHealth } from "./health.ts";
import { useDocumentLimits, useUpstreamBudget, useUpstreamStats } from "./limits.ts";
import { useOperationLog } from "./operation-log.ts";
import { getRequestId, useRequestId } from "./request-id.ts";
import { useKnownParameters } from "./request-parameters.ts";
import { useVariables } from "./variables.ts";

/** What {@link createApp} takes beside what every request needs. */
export type AppOptions = ContextOptions & {
  readonly schema: GraphQLSchema;
  /** Serves GraphiQL and answers introspection. */
  readonly graphiql: boolean;
  /** The key that GraphiQL shows among the headers, or null. */
  readonly exampleKey: string | null;
  readonly readiness: Readiness;
  readonly front: FrontConfig;
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

/** Assembles the application. It opens nothing and never listens. The order of the plugins matters. */
export function createApp({
  schema,
  graphiql,
  exampleKey,
  readiness,
  front,
  ...contextOptions
}: AppOptions): App {
  return createYoga<Record<string, unknown>, Context>({
    schema,
    context: ({ request }) => createContext(contextOptions, request, getRequestId(request)),
    graphqlEndpoint: "/graphql",
    graphiql: graphiql && createGraphiqlOptions(exampleKey),
    renderGraphiQL,
    landingPage: false,
    batching: false,
    multipart: false,
    cors: false,
    maskedErrors: false,
    logging: false,
    maxRequestBodySize: MAX_BODY_BYTES,
    parserAndValidationCache: true,
    plugins: [
      useRequestId(),
      useHealth(readiness),
      useKnownParameters(),
      useEngine(),
      useDocumentLimits(graphiql),
      useVariables(),
      useUpstreamBudget(front.maxUpstreamCalls),
      useUpstreamStats(),
      useOperationLog(),
      useErrorFunnel(contextOptions.log),
    ],
  });
}
