import { renderGraphiQL } from "@graphql-yoga/render-graphiql";
import { execute, type GraphQLSchema, NoSchemaIntrospectionCustomRule, subscribe, validate } from "graphql";
import { createYoga, type Plugin, type YogaServerInstance } from "graphql-yoga";
import { type Context, type ContextOptions, createContext } from "../context.ts";
import { useErrorFunnel } from "./error-funnel.ts";
import { createGraphiqlOptions } from "./graphiql.ts";
import { type Readiness, useHealth } from "./health.ts";
import { useNoRepeats } from "./no-repeats.ts";
import type { OpenStreams } from "./open-streams.ts";
import { useOperationLog } from "./operation-log.ts";
import { getRequestId, useRequestId } from "./request-id.ts";
import { useKnownParameters } from "./request-parameters.ts";
import { useSingleConnection } from "./single-connection.ts";
import { useStreams } from "./streams.ts";
import { valueFreeRules } from "./value-free-messages.ts";
import { useVariables } from "./variables.ts";

/** The largest request body, in bytes: the longest allowed compose file and environment fit, escaped. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_VALIDATION_ERRORS = 10;

/** What {@link createApp} takes beside what every request needs. */
export type AppOptions = ContextOptions & {
  readonly schema: GraphQLSchema;
  /** Serves GraphiQL and answers introspection. */
  readonly graphiql: boolean;
  /** The key that GraphiQL shows among the headers, or null. */
  readonly exampleKey: string | null;
  readonly readiness: Readiness;
  readonly streams: OpenStreams;
  /** How many connections may be held open for streams in all. */
  readonly maxStreams: number;
};

/** The application: a request listener for `node:http`, and `fetch` for callers in the same process. */
export type App = YogaServerInstance<Record<string, unknown>, Context>;

function useEngine(graphiql: boolean): Plugin {
  const rules = graphiql ? valueFreeRules : [...valueFreeRules, NoSchemaIntrospectionCustomRule];
  return {
    onValidate({ setValidationFn }) {
      setValidationFn((schema, document) =>
        validate(schema, document, rules, { maxErrors: MAX_VALIDATION_ERRORS }),
      );
    },
    onExecute({ setExecuteFn }) {
      setExecuteFn(execute);
    },
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn(subscribe);
    },
  };
}

/** Assembles the application. It opens nothing and never listens. The order of the plugins matters. */
export function createApp(options: AppOptions): App {
  const { schema, graphiql, exampleKey, readiness, streams, maxStreams, ...contextOptions } = options;
  const { log } = contextOptions;
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
      useSingleConnection({ log, streams, maxConnections: maxStreams, maxBodyBytes: MAX_BODY_BYTES }),
      useKnownParameters(),
      useEngine(graphiql),
      useVariables(),
      useOperationLog(),
      useNoRepeats(),
      useStreams(streams),
      useErrorFunnel(log),
    ],
  });
}
