import type { IncomingMessage, RequestListener } from "node:http";
import type { GraphQLSchema } from "graphql";
import type { Identify } from "../access/types.ts";
import type { Config } from "../config.ts";
import type { Logger } from "../logger.ts";
import { printSchema } from "../schema/schema.ts";
import type { AddressFinder } from "./http/client-address.ts";
import { createCrossOrigin } from "./http/cross-origin.ts";
import { createFactsReader } from "./http/facts.ts";
import { createFront } from "./http/front.ts";
import { createSchemaFile } from "./http/schema-file.ts";
import type { Pipeline } from "./pipeline/types.ts";
import { loadLater } from "./transports/load-later.ts";
import type { OpenStreams } from "./transports/open-streams.ts";
import { servePost } from "./transports/post.ts";
import type { Readiness } from "./types.ts";

/** What {@link createHttpHandler} needs. */
export type HttpOptions = {
  readonly config: Config;
  readonly schema: GraphQLSchema;
  readonly pipeline: Pipeline;
  readonly streams: OpenStreams;
  readonly readiness: Readiness;
  readonly findAddress: AddressFinder;
  readonly identify: Identify;
  readonly log: Logger;
  /** See the options of the Yoga server. */
  readonly exampleKey: string | null;
  readonly suggestHeaders: () => Readonly<Record<string, string>>;
};

/** Create the handler of HTTP requests. Transports other than the common POST are loaded when the first request needs them. */
export function createHttpHandler(
  options: HttpOptions,
  isCommon: (request: IncomingMessage) => boolean,
): RequestListener {
  const { config, pipeline, streams, readiness, findAddress, identify, log } = options;
  const { front, graphiql, requestTimeoutMs, watch } = config;
  const limits = {
    perCaller: watch.maxStreamsPerCaller,
    perAddress: front.maxSocketsPerAddress,
    all: watch.maxStreams,
  };
  return createFront({
    log,
    readiness,
    crossOrigin: createCrossOrigin(front.corsOrigins, front.corsHeaders),
    readFacts: createFactsReader({ findAddress, identify, requestTimeoutMs }),
    pipeline,
    graphiql,
    // A gateway that answers only trusted documents does not answer the introspection of others.
    schemaFile: graphiql && !front.persistedOnly ? createSchemaFile(printSchema) : null,
    isCommon,
    common: (request, response, facts, head) =>
      servePost(request, response, facts, { pipeline, streams, head }),
    singleConnection: loadLater(async () => {
      const { createSingleConnection } = await import("./transports/sse/single-connection.ts");
      return createSingleConnection({ pipeline, streams, limits });
    }),
    other: loadLater(async () => {
      const { createYogaServer } = await import("./transports/yoga.ts");
      return createYogaServer({ ...options, graphiql });
    }),
  });
}
