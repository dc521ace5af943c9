import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Logger } from "../../logger.ts";
import type { RequestFacts } from "../../request-facts.ts";
import { createProtocolError } from "../errors/protocol-error.ts";
import type { Pipeline } from "../pipeline/types.ts";
import { sendRefusal, sendResult } from "../transports/result-response.ts";
import { isSingleConnection, STREAM_PATH } from "../transports/sse/requests.ts";
import type { Readiness } from "../types.ts";
import { ACCEPT_ADVICE, acceptsResult, chooseResultType } from "./accept.ts";
import type { CrossOrigin } from "./cross-origin.ts";
import { chooseRequestId, type FactsReader, readHeader } from "./facts.ts";
import { sendHealth, sendReadiness } from "./readiness.ts";
import { createHead, type ResponseHead, setHead } from "./response-head.ts";
import type { SchemaFile } from "./schema-file.ts";

/** Answers the requests of one transport. */
type Transport = (request: IncomingMessage, response: ServerResponse, facts: RequestFacts) => Promise<void>;

/** What {@link createFront} needs. */
export type FrontOptions = {
  readonly log: Logger;
  readonly readiness: Readiness;
  readonly crossOrigin: CrossOrigin;
  readonly readFacts: FactsReader;
  readonly pipeline: Pipeline;
  /** Whether GET /graphql answers a browser with the page of GraphiQL. */
  readonly graphiql: boolean;
  /** Answers `/schema.graphql`. Null where introspection is not allowed. */
  readonly schemaFile: SchemaFile | null;
  readonly isCommon: (request: IncomingMessage) => boolean;
  /** Answers common requests. It writes the given headers. */
  readonly common: (
    request: IncomingMessage,
    response: ServerResponse,
    facts: RequestFacts,
    head: ResponseHead,
  ) => Promise<void>;
  /** Answers the requests of GraphQL over SSE in single connection mode. */
  readonly singleConnection: Transport;
  /** Answers every other request. */
  readonly other: Transport;
};

const GRAPHQL_PATH = "/graphql";
const SCHEMA_PATH = "/schema.graphql";

function readPath(url: string): string {
  const end = url.indexOf("?");
  return end < 0 ? url : url.slice(0, end);
}

function asksForPage({ method, headers }: IncomingMessage): boolean {
  return method === "GET" && (headers.accept?.includes("text/html") ?? false);
}

/**
 * Create the listener that is in front of every transport. It sets the headers of every response, answers what is
 * no operation, and rejects what no transport may see.
 */
export function createFront(options: FrontOptions): RequestListener {
  const { log, readiness, crossOrigin, readFacts, pipeline, graphiql, schemaFile } = options;

  async function reject(
    request: IncomingMessage,
    response: ServerResponse,
    facts: RequestFacts,
    error: unknown,
  ): Promise<void> {
    const type = chooseResultType(readHeader(request.headers, "accept")) ?? "application/json";
    sendResult(response, await pipeline.reject(facts, error), type);
  }

  function refuse(response: ServerResponse, status: number, requestId: string, message?: string): void {
    log.info({ requestId, status }, "refused");
    sendRefusal(response, status, requestId, message);
  }

  /** Answer a request to the GraphQL endpoint. */
  async function serveGraphql(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    id: string,
    head: ResponseHead,
  ): Promise<void> {
    const read = readFacts(request, response, id);
    const facts = read instanceof Promise ? await read : read;
    const forgery = crossOrigin.findForgery(request);
    const isSingle = isSingleConnection(request, path);
    if (forgery === null && !isSingle && options.isCommon(request)) {
      return options.common(request, response, facts, head);
    }
    setHead(response, head);
    if (forgery !== null) return reject(request, response, facts, forgery);
    if (isSingle) return options.singleConnection(request, response, facts);
    const isPage = graphiql && asksForPage(request);
    if (!isPage && !acceptsResult(readHeader(request.headers, "accept"))) {
      const message = `The Accept header allows no media type of the gateway. ${ACCEPT_ADVICE}`;
      return refuse(response, 406, facts.id, message);
    }
    if (request.method !== "GET" && request.method !== "POST") {
      const http = { status: 405, headers: { allow: "GET, POST" } };
      const error = createProtocolError("BAD_REQUEST", "GraphQL only supports GET and POST requests.", http);
      return reject(request, response, facts, error);
    }
    return options.other(request, response, facts);
  }

  /** Answer a request to another path. */
  function serveOther(request: IncomingMessage, response: ServerResponse, path: string, id: string): void {
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (path === "/health" && isRead) sendHealth(response);
    else if (path === "/ready" && isRead) sendReadiness(response, readiness);
    else if (path === SCHEMA_PATH && isRead && schemaFile !== null) schemaFile(request, response);
    else refuse(response, 404, id);
  }

  function fail(response: ServerResponse, head: ResponseHead, err: unknown): void {
    log.error({ err }, "unexpected error");
    if (response.headersSent) {
      response.destroy();
      return;
    }
    setHead(response, head);
    response.writeHead(500).end();
  }

  return (request, response) => {
    const id = chooseRequestId(request);
    const head = createHead(id);
    try {
      const isPreflight = crossOrigin.addHeaders(request, head);
      const path = readPath(request.url ?? "");
      const isGraphql = path === GRAPHQL_PATH || path === `${GRAPHQL_PATH}/` || path === STREAM_PATH;
      if (isGraphql && !isPreflight) {
        serveGraphql(request, response, path, id, head).catch((error: unknown) =>
          fail(response, head, error),
        );
        return;
      }
      setHead(response, head);
      if (isPreflight) response.writeHead(204).end();
      else serveOther(request, response, path, id);
    } catch (error) {
      fail(response, head, error);
    }
  };
}
