import type { IncomingMessage, ServerResponse } from "node:http";
import type { GraphQLSchema } from "graphql";
import { createYoga, isAsyncIterable, type Plugin } from "graphql-yoga";
import type { RequestFacts } from "../../request-facts.ts";
import { chooseResultType } from "../http/accept.ts";
import { readHeader } from "../http/facts.ts";
import { parseJsonBody, readBody } from "../http/request-body.ts";
import { parseRequestJson } from "../http/request-json.ts";
import { PAGE_POLICY } from "../http/security-headers.ts";
import { isStream } from "../pipeline/stream-results.ts";
import type { OperationResult, Pipeline } from "../pipeline/types.ts";
import { correctPage, createGraphiqlOptions } from "./graphiql.ts";
import type { OpenStreams } from "./open-streams.ts";
import { sendRefusal, sendResult } from "./result-response.ts";
import { chooseStreamFormat } from "./stream-format.ts";
import { sendResults } from "./stream-response.ts";

/** What {@link createYogaServer} needs. */
export type YogaOptions = {
  readonly schema: GraphQLSchema;
  readonly pipeline: Pipeline;
  readonly streams: OpenStreams;
  /** Whether GraphiQL is served. */
  readonly graphiql: boolean;
  /** An API key of the sandbox, whose CVMs the examples of GraphiQL name. Null with any other REST API. */
  readonly exampleKey: string | null;
  /** Returns the headers that GraphiQL suggests. They can change with the access file. */
  readonly suggestHeaders: () => Readonly<Record<string, string>>;
};

/** Answers the HTTP requests that are not common. */
export type YogaServer = (
  request: IncomingMessage,
  response: ServerResponse,
  facts: RequestFacts,
) => Promise<void>;

/** What Yoga knows about one request besides its own `Request`. */
type Exchange = {
  readonly facts: RequestFacts;
  readonly body: string | null;
  readonly outcome: {
    /** Result of the pipeline, formatted for the client. */
    result: OperationResult | null;
    /** Sends the stream of a subscription, when Yoga has asked for its format. */
    send: ((response: ServerResponse) => void) | null;
  };
};

/** A document that satisfies Yoga's own check of the parameters. The pipeline has done that before. */
const PLACEHOLDER = { query: "{ __typename }" };

/** Assert that the members of the query string that hold JSON are valid. @throws {GraphQLError} `BAD_REQUEST` */
function assertJsonInUrl(url: URL): void {
  for (const name of ["variables", "extensions"]) {
    const text = url.searchParams.get(name);
    if (text) parseRequestJson(`The parameter ${name} of the query string`, text);
  }
}

/** Return the ids of a trusted document in the query string. Yoga does not read them. */
function readDocumentIds({ searchParams }: URL): Record<string, string> {
  return Object.fromEntries([...searchParams].filter(([name]) => name === "documentId" || name === "doc_id"));
}

/** Run operations through the pipeline instead of the plugins of Yoga. */
function usePipeline({ runOperation, reject }: Pipeline, streams: OpenStreams): Plugin<object, Exchange> {
  return {
    onRequestParse({ request, url, serverContext, requestParser, setRequestParser }) {
      if (requestParser === undefined) return;
      const { body } = serverContext;
      if (body !== null) setRequestParser(() => parseJsonBody(body));
      if (request.method !== "GET") return;
      setRequestParser(async (given) => {
        assertJsonInUrl(url);
        return { ...(await requestParser(given)), ...readDocumentIds(url) };
      });
    },
    async onParams({ params, context, setParams, setResult }) {
      const result = await runOperation(context.facts, params);
      context.outcome.result = result;
      setParams(PLACEHOLDER);
      setResult(result);
    },
    async onResultProcess({ request, result, serverContext, setResult, setResultProcessor }) {
      if (Array.isArray(result)) return;
      const { facts, outcome } = serverContext;
      if (!isAsyncIterable(result)) {
        if (result === outcome.result) return;
        outcome.result = await reject(facts, result.errors?.[0]);
        setResult(outcome.result);
        return;
      }
      const format = chooseStreamFormat(request.headers.get("accept"));
      if (format === null) return;
      setResultProcessor((stream, fetchAPI) => {
        if (isAsyncIterable(stream)) {
          outcome.send = (response) => sendResults(response, stream, format, streams);
        }
        return new fetchAPI.Response(null);
      }, format.contentType);
    },
  };
}

/** Copy the response of Yoga to the client. It stops when the client leaves. */
async function sendBody(response: ServerResponse, body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader();
  const closed = new Promise<"closed">((resolve) => response.once("close", () => resolve("closed")));
  void closed.then(() => reader.cancel()).catch(() => undefined);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (!response.write(value)) {
      await Promise.race([closed, new Promise((resolve) => response.once("drain", resolve))]);
    }
  }
  response.end();
}

async function sendResponse(
  response: ServerResponse,
  source: Response,
  { facts, outcome: { result } }: Exchange,
): Promise<void> {
  const type = source.headers.get("content-type") ?? "";
  if (source.status >= 400 && !type.includes("json")) {
    if (result === null || isStream(result)) return sendRefusal(response, source.status, facts.id);
    return sendResult(response, result, "application/json");
  }
  if (type.startsWith("text/html")) response.setHeader("content-security-policy", PAGE_POLICY);
  for (const [name, value] of source.headers) {
    if (name !== "connection" && name !== "transfer-encoding") response.setHeader(name, value);
  }
  response.statusCode = source.status;
  if (type.includes("json")) response.end(await source.text());
  else if (source.body === null) response.end();
  else await sendBody(response, source.body);
}

/** Return the headers of a request as pairs. Yoga reads no list. */
function listHeaders({ headersDistinct }: IncomingMessage): [string, string][] {
  return Object.entries(headersDistinct).map(([name, values = []]) => [name, values.join(", ")]);
}

/**
 * Create the server of the HTTP requests that are not common: GET, the page of GraphiQL, and other media types.
 * Yoga reads them and chooses the format of the response. The pipeline runs their operations.
 */
export async function createYogaServer(options: YogaOptions): Promise<YogaServer> {
  const { schema, pipeline, streams, graphiql, exampleKey, suggestHeaders } = options;
  const page = graphiql ? await import("@graphql-yoga/render-graphiql") : null;
  const yoga = createYoga<Exchange>({
    schema,
    graphqlEndpoint: "/graphql",
    graphiql: page !== null && (() => createGraphiqlOptions(suggestHeaders(), exampleKey !== null)),
    ...(page === null ? {} : { renderGraphiQL: (given) => correctPage(page.renderGraphiQL(given)) }),
    landingPage: false,
    batching: false,
    multipart: false,
    cors: false,
    maskedErrors: false,
    logging: false,
    maxRequestBodySize: false,
    parserAndValidationCache: false,
    plugins: [usePipeline(pipeline, streams)],
  });
  return async (request, response, facts) => {
    let body: string | null = null;
    try {
      if (request.method === "POST") body = await readBody(request, facts);
    } catch (error) {
      const type = chooseResultType(readHeader(request.headers, "accept")) ?? "application/json";
      return sendResult(response, await pipeline.reject(facts, error), type);
    }
    const exchange: Exchange = { facts, body, outcome: { result: null, send: null } };
    const url = `http://${request.headers.host ?? "localhost"}${request.url}`;
    const init = {
      method: request.method ?? "GET",
      headers: listHeaders(request),
      body,
      signal: facts.client.signal,
    };
    const answer = await yoga.fetch(new yoga.fetchAPI.Request(url, init), exchange);
    const { send } = exchange.outcome;
    if (send === null) await sendResponse(response, answer, exchange);
    else send(response);
  };
}
