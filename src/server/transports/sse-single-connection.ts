import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { createHandler } from "graphql-sse";
import { isAsyncIterable, type Plugin } from "graphql-yoga";
import { readCredential } from "../../credential.ts";
import type { Logger } from "../../logger.ts";
import type { App } from "../http/app.ts";
import { createGate, type Gate, gateResults } from "./backpressure.ts";
import type { OpenStreams } from "./open-streams.ts";
import { createOperationRequest } from "./operation-request.ts";
import { createOperationRunner, type OperationRunner } from "./run-operation.ts";
import { eventStream, streamHeaders } from "./stream-format.ts";

const TOKEN_HEADER = "x-graphql-event-stream-token";

/** Where Yoga's own plugin serves this protocol, beside /graphql. */
const STREAM_PATH = "/graphql/stream";

/** How long a reserved stream waits for its connection, milliseconds. */
const RESERVATION_MS = 10_000;

/** How soon a stream that waits for a result is tried to be ended again, milliseconds. */
const LEAVE_RETRY_MS = 100;

/** What {@link useSingleConnection} takes. */
export type SingleConnectionOptions = {
  readonly log: Logger;
  readonly streams: OpenStreams;
  /** How many streams may be reserved or open in all. */
  readonly maxConnections: number;
  readonly maxBodyBytes: number;
};

/** A stream that a credential reserved, and that nobody else may use. */
type Reservation = {
  readonly owner: string;
  readonly gate: Gate;
  readonly expiry: NodeJS.Timeout;
  /** Operations whose one result is still to come: a client that is cut off would send them again. */
  awaited: number;
};

type Refusal = { readonly status: number; readonly message: string };

function readToken(request: Request): string {
  return request.headers.get(TOKEN_HEADER) ?? new URL(request.url).searchParams.get("token") ?? "";
}

function isStreamRequest(request: Request): boolean {
  const { pathname } = new URL(request.url);
  if (pathname === STREAM_PATH) return true;
  if (pathname !== "/graphql") return false;
  return request.method === "PUT" || request.method === "DELETE" || readToken(request) !== "";
}

/** Writes what the protocol's handler has to say; operations are asked for more when the client has taken it. */
function createBody(
  messages: AsyncGenerator<string, void, undefined>,
  reservation: Reservation,
  streams: OpenStreams,
  { ReadableStream, onEnd }: { ReadableStream: App["fetchAPI"]["ReadableStream"]; onEnd(): void },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let over = false;
  let forget: () => void = () => undefined;
  const end = () => {
    if (over) return;
    over = true;
    forget();
    onEnd();
    void messages.return();
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      forget = streams.add({
        beat() {
          if (!over && (controller.desiredSize ?? 0) > 0) {
            controller.enqueue(encoder.encode(eventStream.heartbeat));
          }
        },
        leave: function leave() {
          if (over) return;
          if (reservation.awaited > 0) {
            setTimeout(leave, LEAVE_RETRY_MS);
            return;
          }
          end();
          controller.close();
        },
      });
    },
    async pull(controller) {
      reservation.gate.open();
      const { done, value } = await messages.next();
      reservation.gate.close();
      if (over) return;
      if (value) controller.enqueue(encoder.encode(value));
      if (!done) return;
      end();
      controller.close();
    },
    cancel: end,
  });
}

/**
 * Serves GraphQL over SSE in single connection mode: a client reserves a stream, opens it once, and starts and
 * ends many operations on it. Tokens cannot be guessed and only serve the credential that reserved them, and
 * errors take the one way out; that is why graphql-sse is used here without Yoga's plugin for it, which does
 * neither.
 */
export function useSingleConnection(options: SingleConnectionOptions): Plugin {
  const { log, streams, maxConnections, maxBodyBytes } = options;
  const reservations = new Map<string, Reservation>();
  const hashKey = randomBytes(32);
  let run: OperationRunner | undefined;
  let fetchAPI: App["fetchAPI"] | undefined;

  function toOwner(request: Request): string | null {
    const credential = readCredential(request.headers);
    if (credential === null) return null;
    return createHmac("sha256", hashKey)
      .update(`${credential.scheme}\0${credential.secret}`)
      .digest("base64");
  }

  function findRefusal(request: Request): Refusal | null {
    const owner = toOwner(request);
    if (owner === null) return { status: 401, message: "A stream needs a credential." };
    if (request.method === "PUT") {
      return reservations.size < maxConnections
        ? null
        : { status: 503, message: "Too many streams are open." };
    }
    if (reservations.get(readToken(request))?.owner !== owner) {
      return { status: 404, message: "Stream not found" };
    }
    // Operations come by POST alone: a GET must never carry a mutation.
    if (request.method === "GET" && request.headers.get("accept") !== "text/event-stream") {
      return { status: 405, message: "Send operations by POST." };
    }
    const length = Number(request.headers.get("content-length") ?? Number.NaN);
    if (request.method !== "POST" || length <= maxBodyBytes) return null;
    return Number.isNaN(length)
      ? { status: 411, message: "Content-Length is missing." }
      : { status: 413, message: "The request is too large." };
  }

  const handler = createHandler<Request>({
    authenticate({ raw }) {
      if (raw.method !== "PUT") return readToken(raw);
      const token = randomUUID();
      const expiry = setTimeout(() => void expire(token), RESERVATION_MS).unref();
      reservations.set(token, { owner: toOwner(raw) ?? "", gate: createGate(), expiry, awaited: 0 });
      return token;
    },
    async onSubscribe({ raw }, { query, variables, operationName }) {
      const reservation = reservations.get(readToken(raw));
      if (run === undefined || fetchAPI === undefined || reservation === undefined) return;
      const operation = createOperationRequest(fetchAPI, raw.headers);
      const params = { query, variables: variables ?? {}, ...(operationName ? { operationName } : {}) };
      reservation.awaited += 1;
      let settled = false;
      const settle = () => {
        if (!settled) reservation.awaited -= 1;
        settled = true;
      };
      const results = await run(params, operation.request);
      if (isAsyncIterable(results)) settle();
      return gateResults(results, reservation.gate, () => {
        settle();
        operation.abort();
      });
    },
  });

  const handle = (request: Request, method: string, accept: string | null) =>
    handler({
      method,
      url: request.url,
      headers: { get: (name) => (name === "accept" ? accept : request.headers.get(name)) },
      body: () => request.text(),
      raw: request,
      context: undefined,
    });

  /** Opens a stream that nobody came for, and ends it: that is how the handler forgets it. */
  async function expire(token: string): Promise<void> {
    if (fetchAPI === undefined || !reservations.delete(token)) return;
    const request = new fetchAPI.Request(`http://gateway.invalid${STREAM_PATH}?token=${token}`);
    const [body] = await handle(request, "GET", "text/event-stream");
    if (typeof body === "object") await body?.return();
  }

  async function answer(request: Request, { Response, ReadableStream }: App["fetchAPI"]): Promise<Response> {
    const refusal = findRefusal(request);
    if (refusal !== null) {
      return Response.json({ errors: [{ message: refusal.message }] }, { status: refusal.status });
    }
    const token = readToken(request);
    const [body, init] = await handle(request, request.method, request.headers.get("accept"));
    const reservation = reservations.get(token);
    if (typeof body !== "object" || body === null || reservation === undefined) {
      return new Response(typeof body === "string" ? body : null, init);
    }
    clearTimeout(reservation.expiry);
    const onEnd = () => void reservations.delete(token);
    return new Response(createBody(body, reservation, streams, { ReadableStream, onEnd }), {
      headers: { ...streamHeaders, "content-type": eventStream.contentType },
    });
  }

  return {
    onYogaInit({ yoga }) {
      run = createOperationRunner(yoga, log);
      fetchAPI = yoga.fetchAPI;
    },
    async onRequest({ request, fetchAPI, endResponse }) {
      if (isStreamRequest(request)) endResponse(await answer(request, fetchAPI));
    },
  };
}
