import type { IncomingMessage, ServerResponse } from "node:http";
import type { GraphQLError } from "graphql";
import { createHandler, type Request, type Response } from "graphql-sse";
import { ClientPresence } from "../../../client-presence.ts";
import { nameOwner } from "../../../credential.ts";
import { errorMessages } from "../../../error-messages.ts";
import { GatewayError } from "../../../errors.ts";
import type { RequestFacts } from "../../../request-facts.ts";
import { createProtocolError, toGraphQLError } from "../../errors/protocol-error.ts";
import { describeMissingCredential, readHeader } from "../../http/facts.ts";
import { parseJsonBody, readBody } from "../../http/request-body.ts";
import { findRefusal } from "../../pipeline/refusal.ts";
import { isStream } from "../../pipeline/stream-results.ts";
import type { Pipeline } from "../../pipeline/types.ts";
import { type Gate, gateResults } from "../backpressure.ts";
import { withoutHttp } from "../format-result.ts";
import type { OpenStreams } from "../open-streams.ts";
import { sendResult } from "../result-response.ts";
import { eventStream } from "../stream-format.ts";
import { sendStream } from "../stream-response.ts";
import { findStreamToken } from "./requests.ts";
import {
  createReservations,
  type Reservation,
  type ReservationLimits,
  type Reservations,
} from "./reservations.ts";

/** Options of {@link createSingleConnection}. */
export type SingleConnectionOptions = {
  readonly pipeline: Pipeline;
  readonly streams: OpenStreams;
  readonly limits: ReservationLimits;
};

/** One request of this protocol. */
type Exchange = {
  /** Null for a request of the gateway itself. */
  readonly facts: RequestFacts | null;
  readonly token: string;
  /** Parameters of the operation as the client sent them. */
  readonly params: object | null;
};

/** The time after which a client with too many streams may reserve another one, in milliseconds. */
const TOO_MANY_STREAMS_RETRY_MS = 5_000;

/** Name the caller of a request. @throws {GraphQLError} for a request whose caller is not known or may not act */
function identifyOwner(facts: RequestFacts): string {
  const { caller, rights } = facts;
  const refusal = findRefusal(facts);
  if (refusal !== null) throw refusal;
  if (caller !== null) return nameOwner(caller);
  const message = describeMissingCredential(rights);
  throw toGraphQLError(new GatewayError("UNAUTHENTICATED", message), { status: 401 });
}

/**
 * Check a request. A token works only with the credential and the workspace that reserved it.
 *
 * @throws {GraphQLError} for a request that is not valid in this protocol
 */
function checkRequest(
  request: IncomingMessage,
  facts: RequestFacts,
  token: string,
  reservations: Reservations,
): void {
  const owner = identifyOwner(facts);
  if (request.method === "PUT") {
    if (reservations.isAddressFull(facts.address)) {
      throw createTooManyError(errorMessages.tooManyStreamsOfAddress, 429);
    }
    if (reservations.isFull(owner)) throw createTooManyError(errorMessages.tooManyStreams, 503);
    return;
  }
  if (reservations.find(token)?.owner !== owner) throw createBadRequest("Stream not found", 404);
  // Operations are accepted by POST alone: a GET must never run a mutation.
  if (request.method === "GET" && request.headers.accept !== "text/event-stream") {
    throw createBadRequest("Send operations by POST.", 405);
  }
}

function createTooManyError(message: string, status: number): GraphQLError {
  const error = new GatewayError("RATE_LIMITED", message, { retryAfterMs: TOO_MANY_STREAMS_RETRY_MS });
  return toGraphQLError(error, { status });
}

function createBadRequest(message: string, status: number): GraphQLError {
  return createProtocolError("BAD_REQUEST", message, { status });
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

/** The facts of an operation, which ends with its stream and not with the request that started it. */
function createOperationFacts(facts: RequestFacts): { facts: RequestFacts; abort: () => void } {
  const client = new ClientPresence();
  return {
    facts: { ...facts, idempotencyKey: null, wantsStats: false, transport: "sse", client },
    abort: () => client.leave(),
  };
}

/** Create the handler of graphql-sse, which runs operations through the pipeline. */
function createProtocolHandler({ runOperation }: Pipeline, reservations: Reservations) {
  return createHandler<Exchange>({
    authenticate({ raw: { token, facts }, method }) {
      const caller = facts?.caller ?? null;
      if (method !== "PUT" || facts === null || caller === null) return token;
      return reservations.add(nameOwner(caller), facts.address);
    },
    async onSubscribe({ raw: { token, facts: started, params } }) {
      const reservation = reservations.find(token);
      if (reservation === null || started === null) return;
      const { facts, abort } = createOperationFacts(started);
      const stopAwaiting = awaitResult(reservation);
      const result = await runOperation(facts, params);
      if (isStream(result)) stopAwaiting();
      return gateResults(withoutHttp(result), reservation.gate, () => {
        stopAwaiting();
        abort();
      });
    },
  });
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

function sendAnswer(response: ServerResponse, [body, { status, headers = {} }]: Response): void {
  response.writeHead(status, headers).end(typeof body === "string" ? body : null);
}

/**
 * Return the body that graphql-sse reads. It accepts only operations with a query, and runs none itself. The
 * pipeline receives the parameters as they were sent.
 */
function toProtocolBody(params: object): { query: string; extensions?: Record<string, unknown> } {
  const extensions: unknown = "extensions" in params ? params.extensions : undefined;
  const known =
    typeof extensions === "object" && extensions !== null ? { extensions: { ...extensions } } : {};
  return { query: "{ __typename }", ...known };
}

/** What the gateway asks its own handler, to delete a stream. */
const OWN_REQUEST = { method: "GET", url: "http://localhost", body: null, context: undefined } as const;

/** Answers the requests of the single connection mode. */
export type SingleConnection = (
  request: IncomingMessage,
  response: ServerResponse,
  facts: RequestFacts,
) => Promise<void>;

/**
 * Serve GraphQL over SSE in single connection mode: a client reserves a stream, opens it once, and starts and
 * ends many operations on it.
 *
 * Yoga has a plugin for this protocol. It is not used, because its tokens are not tied to a credential and its
 * errors are not masked.
 */
export function createSingleConnection({
  pipeline,
  streams,
  limits,
}: SingleConnectionOptions): SingleConnection {
  const reservations = createReservations(limits, (token) => void expire(token));
  const handler = createProtocolHandler(pipeline, reservations);

  /** Open and end a stream that the client did not open, because the handler has no other way to delete it. */
  async function expire(token: string): Promise<void> {
    const raw = { facts: null, token, params: null };
    const headers = { get: () => "text/event-stream" };
    const [body] = await handler({ ...OWN_REQUEST, headers, raw });
    if (typeof body === "object") await body?.return();
  }

  return async (request, response, facts) => {
    const token = findStreamToken(request);
    let params: object | null = null;
    try {
      checkRequest(request, facts, token, reservations);
      if (request.method === "POST") params = parseJsonBody(await readBody(request, facts));
    } catch (error) {
      const result = await pipeline.reject(facts, error);
      // The clients of this protocol look at the status only.
      return sendResult(response, result, "application/json", {
        statusType: "application/graphql-response+json",
      });
    }
    const call: Request<Exchange, undefined> = {
      method: request.method ?? "GET",
      url: `http://localhost${request.url}`,
      headers: { get: (name) => readHeader(request.headers, name.toLowerCase()) },
      body: () => (params === null ? null : toProtocolBody(params)),
      raw: { facts, token, params },
      context: undefined,
    };
    const answer = await handler(call);
    const [body] = answer;
    const reservation = reservations.find(token);
    if (typeof body !== "object" || body === null || reservation === null)
      return sendAnswer(response, answer);
    reservations.keep(token);
    const source = {
      messages: gateMessages(body, reservation.gate),
      format: { ...eventStream, contentType: eventStream.contentType, opening: "", complete: "" },
      canLeave: () => reservation.awaited === 0,
      onEnd: () => reservations.delete(token),
    };
    sendStream(response, source, streams);
  };
}
