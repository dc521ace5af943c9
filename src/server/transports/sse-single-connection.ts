import { createHandler } from "graphql-sse";
import { isAsyncIterable, type Plugin } from "graphql-yoga";
import { nameOwner, parseCredential } from "../../credential.ts";
import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import { MAX_BODY_BYTES } from "../../limits.ts";
import type { Logger } from "../../logger.ts";
import type { App } from "../types.ts";
import { type Gate, gateResults } from "./backpressure.ts";
import type { OpenStreams } from "./open-streams.ts";
import { createOperationRequest } from "./operation-request.ts";
import { createOperationRunner } from "./run-operation.ts";
import { createReservations, type Reservation, type Reservations } from "./sse-reservations.ts";
import { createStreamBody } from "./stream-body.ts";
import { eventStream, streamHeaders } from "./stream-format.ts";

const TOKEN_HEADER = "x-graphql-event-stream-token";

/** A second path for this protocol: the one of Yoga's own plugin. */
const STREAM_PATH = "/graphql/stream";

/** Options of {@link useSingleConnection}. */
export type SingleConnectionOptions = {
  readonly log: Logger;
  readonly streams: OpenStreams;
  /** The most streams that are reserved or open in this process. */
  readonly maxConnections: number;
};

type OperationApp = Pick<App, "fetchAPI" | "getResultForParams">;

/** A response without a result: the request is not valid in this protocol. */
type Rejection = { readonly status: number; readonly message: string };

function getToken(request: Request): string {
  return request.headers.get(TOKEN_HEADER) ?? new URL(request.url).searchParams.get("token") ?? "";
}

function isStreamRequest(request: Request): boolean {
  const { pathname } = new URL(request.url);
  if (pathname === STREAM_PATH) return true;
  if (pathname !== "/graphql") return false;
  return request.method === "PUT" || request.method === "DELETE" || getToken(request) !== "";
}

/** Name the caller of a request. @returns the rejection of a request without a valid credential and workspace */
function identifyOwner(request: Request): string | Rejection {
  try {
    const credential = parseCredential(request.headers);
    return credential === null
      ? { status: 401, message: errorMessages.credentialMissing }
      : nameOwner(credential);
  } catch (error) {
    if (error instanceof GatewayError) return { status: 400, message: error.message };
    throw error;
  }
}

/** Check the body size of an operation before the body is read. */
function checkLength({ method, headers }: Request): Rejection | null {
  const length = Number(headers.get("content-length") ?? Number.NaN);
  if (method !== "POST" || length <= MAX_BODY_BYTES) return null;
  return Number.isNaN(length)
    ? { status: 411, message: "The Content-Length header is missing." }
    : { status: 413, message: `The request body exceeds the limit of ${MAX_BODY_BYTES} bytes.` };
}

/** Check a request. A token works only with the credential and the workspace that reserved it. */
function checkRequest(request: Request, reservations: Reservations): Rejection | null {
  const owner = identifyOwner(request);
  if (typeof owner !== "string") return owner;
  if (request.method === "PUT") {
    return reservations.isFull() ? { status: 503, message: "Too many streams are open." } : null;
  }
  if (reservations.find(getToken(request))?.owner !== owner) {
    return { status: 404, message: "Stream not found" };
  }
  // Operations are accepted by POST alone: a GET must never run a mutation.
  if (request.method === "GET" && request.headers.get("accept") !== "text/event-stream") {
    return { status: 405, message: "Send operations by POST." };
  }
  return checkLength(request);
}

/** Create the handler of graphql-sse, which runs operations through the plugins of the application. */
function createProtocolHandler(app: OperationApp, reservations: Reservations, log: Logger) {
  const run = createOperationRunner(app, log);
  return createHandler<Request>({
    authenticate({ raw }) {
      if (raw.method !== "PUT") return getToken(raw);
      const owner = identifyOwner(raw);
      return typeof owner === "string" ? reservations.add(owner) : "";
    },
    async onSubscribe({ raw }, { query, variables, operationName }) {
      const reservation = reservations.find(getToken(raw));
      if (reservation === null) return;
      const operation = createOperationRequest(app.fetchAPI, raw.headers);
      const params = { query, variables: variables ?? {}, ...(operationName ? { operationName } : {}) };
      const stopAwaiting = awaitResult(reservation);
      const results = await run(params, operation.request);
      if (isAsyncIterable(results)) stopAwaiting();
      return gateResults(results, reservation.gate, () => {
        stopAwaiting();
        operation.abort();
      });
    },
  });
}

/** Count one awaited result. @returns a function that ends the count, once. */
function awaitResult(reservation: Reservation): () => void {
  let awaited = true;
  reservation.awaited += 1;
  return () => {
    if (awaited) reservation.awaited -= 1;
    awaited = false;
  };
}

/** Request messages with the gate open, so that operations produce results only for a client that reads. */
function gateMessages(
  messages: AsyncGenerator<string, void, undefined>,
  gate: Gate,
): AsyncIterator<string, void> {
  return {
    async next() {
      gate.open();
      const result = await messages.next();
      gate.close();
      return result;
    },
    return: () => messages.return(),
  };
}

/** Create the function that answers the requests of this protocol. */
function createSingleConnection(
  app: OperationApp,
  { log, streams, maxConnections }: SingleConnectionOptions,
): (request: Request) => Promise<Response> {
  const { Request, Response } = app.fetchAPI;
  const reservations = createReservations(maxConnections, (token) => void expire(token));
  const handler = createProtocolHandler(app, reservations, log);
  const handle = (request: Request) =>
    handler({
      method: request.method,
      url: request.url,
      headers: request.headers,
      body: () => request.text(),
      raw: request,
      context: undefined,
    });

  /** Open and end a stream that the client did not open, because the handler has no other way to delete it. */
  async function expire(token: string): Promise<void> {
    const url = `http://gateway.invalid${STREAM_PATH}?token=${token}`;
    const [body] = await handle(new Request(url, { headers: { accept: "text/event-stream" } }));
    if (typeof body === "object") await body?.return();
  }

  return async (request) => {
    const rejection = checkRequest(request, reservations);
    if (rejection !== null) {
      return Response.json({ errors: [{ message: rejection.message }] }, { status: rejection.status });
    }
    const token = getToken(request);
    const [body, init] = await handle(request);
    const reservation = reservations.find(token);
    if (typeof body !== "object" || body === null || reservation === null) {
      return new Response(typeof body === "string" ? body : null, init);
    }
    reservations.keep(token);
    const source = {
      messages: gateMessages(body, reservation.gate),
      format: { ...eventStream, opening: "", complete: "" },
      canLeave: () => reservation.awaited === 0,
      onEnd: () => reservations.delete(token),
    };
    return new Response(createStreamBody(source, streams, app.fetchAPI), {
      headers: { ...streamHeaders, "content-type": eventStream.contentType },
    });
  };
}

/**
 * Serve GraphQL over SSE in single connection mode: a client reserves a stream, opens it once, and starts and
 * ends many operations on it.
 *
 * Yoga has a plugin for this protocol. It is not used, because its tokens are not tied to a credential and its
 * errors are not masked.
 */
export function useSingleConnection(options: SingleConnectionOptions): Plugin {
  let answer: ((request: Request) => Promise<Response>) | undefined;
  return {
    onYogaInit({ yoga }) {
      answer = createSingleConnection(yoga, options);
    },
    async onRequest({ request, endResponse }) {
      if (answer !== undefined && isStreamRequest(request)) endResponse(await answer(request));
    },
  };
}
