import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { noRights } from "../../access/rights.ts";
import type { Identify, Identity } from "../../access/types.ts";
import { ClientPresence } from "../../client-presence.ts";
import {
  type AllValuesReader,
  type Credential,
  type FieldReader,
  isSameCredential,
} from "../../credential.ts";
import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import type { RequestFacts } from "../../request-facts.ts";
import { STATS_HEADER } from "../telemetry/upstream-stats.ts";
import type { AddressFinder } from "./client-address.ts";

const ACCEPTED_ID = /^[\w-]{1,64}$/;

/** What an HTTP request and the upgrade to a WebSocket have in common. */
export type ConnectionFacts = Pick<RequestFacts, "address" | "userAgent" | "trace">;

/** Who sends a request, or why that could not be found out. */
export type Sender = Identity & Pick<RequestFacts, "refusal">;

/** Who sends a request that says nothing about it. */
export const unknownSender: Sender = {
  caller: null,
  credential: null,
  rights: noRights,
  expiresAt: null,
  refusal: null,
};

/** Return a header. Node joins the values of a header that is sent several times. */
export function readHeader(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return value === undefined ? null : String(value);
}

/** Return the id of a request: the client's own id when it is well formed, otherwise a new one. */
export function chooseRequestId({ headers }: IncomingMessage): string {
  const given = readHeader(headers, "x-request-id");
  return given !== null && ACCEPTED_ID.test(given) ? given : randomUUID();
}

function toSender({ caller, credential, rights, expiresAt }: Identity): Sender {
  return { caller, credential, rights, expiresAt, refusal: null };
}

function toRefusedSender(error: unknown): Sender {
  if (error instanceof GatewayError) return { ...unknownSender, refusal: error };
  throw error;
}

/** Find out who sends a request. A failure is kept, so that an operation can report it. */
export function identifySender(
  identify: Identify,
  read: FieldReader,
  readAll: AllValuesReader,
): Sender | Promise<Sender> {
  try {
    const identity = identify(read, readAll);
    return identity instanceof Promise ? identity.then(toSender).catch(toRefusedSender) : toSender(identity);
  } catch (error) {
    return toRefusedSender(error);
  }
}

/**
 * The credential of the latest request of each connection. Clients send the same one again, and what was computed for
 * it is then found by the object.
 */
const credentials = new WeakMap<Socket, Credential>();

/** Return a sender with the credential of the connection's latest request, if it has sent the same one again. */
function withKnownCredential(sender: Sender, socket: Socket): Sender {
  const { caller, credential } = sender;
  if (credential === null) return sender;
  const known = credentials.get(socket);
  if (known === undefined || !isSameCredential(known, credential)) {
    credentials.set(socket, credential);
    return sender;
  }
  return { ...sender, credential: known, caller: caller === credential ? known : caller };
}

/** Say what a request without a credential needs. */
export function describeMissingCredential(rights: Sender["rights"]): string {
  return rights === noRights ? errorMessages.tokenMissing : errorMessages.credentialMissing;
}

type Trace = RequestFacts["trace"];

const noTrace: Trace = {};

function listTrace(traceparent: unknown, tracestate: unknown): Trace {
  return {
    ...(typeof traceparent === "string" ? { traceparent } : {}),
    ...(typeof tracestate === "string" ? { tracestate } : {}),
  };
}

/** Return the facts of a connection by the request that arrived on it. */
export function readConnection(
  { headers, socket }: IncomingMessage,
  findAddress: AddressFinder,
): ConnectionFacts {
  const { traceparent, tracestate } = headers;
  return {
    address: findAddress(socket.remoteAddress ?? "", readHeader(headers, "x-forwarded-for")),
    userAgent: readHeader(headers, "user-agent"),
    trace:
      traceparent === undefined && tracestate === undefined ? noTrace : listTrace(traceparent, tracestate),
  };
}

/** Watch whether the client disconnects before it has its answer. */
function watchClient(response: ServerResponse): ClientPresence {
  const client = new ClientPresence();
  response.once("close", () => {
    if (!response.writableFinished) client.leave();
  });
  return client;
}

/** Options of {@link createFactsReader}. */
export type FactsOptions = {
  readonly findAddress: AddressFinder;
  readonly identify: Identify;
  readonly requestTimeoutMs: number;
};

/** Reads the facts of an HTTP request. */
export type FactsReader = (
  request: IncomingMessage,
  response: ServerResponse,
  id: string,
) => RequestFacts | Promise<RequestFacts>;

/** Create the reader of facts of HTTP requests. */
export function createFactsReader({ findAddress, identify, requestTimeoutMs }: FactsOptions): FactsReader {
  return (request, response, id) => {
    const { headers, method, socket } = request;
    const client = watchClient(response);
    const deadline = performance.now() + requestTimeoutMs;
    const toFacts = (sender: Sender): RequestFacts => {
      const { caller, credential, rights, expiresAt, refusal } = withKnownCredential(sender, socket);
      const { address, userAgent, trace } = readConnection(request, findAddress);
      return {
        id,
        address,
        userAgent,
        trace,
        caller,
        credential,
        rights,
        expiresAt,
        refusal,
        idempotencyKey: readHeader(headers, "idempotency-key"),
        transport: "http",
        readOnly: method === "GET",
        wantsStats: headers[STATS_HEADER] === "true",
        deadline,
        client,
      };
    };
    const read = (name: string) => readHeader(headers, name);
    const sender = identifySender(identify, read, (name) => request.headersDistinct[name] ?? []);
    return sender instanceof Promise ? sender.then(toFacts) : toFacts(sender);
  };
}
