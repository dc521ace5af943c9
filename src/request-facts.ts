import type { Caller, Credential, FieldReader } from "./credential.ts";
import type { GatewayError } from "./errors.ts";

/** Who sends a request, and with what the gateway acts for it. */
export type Identity = {
  /** Owner of the idempotency keys, rate limits and streams of the request. Null for a request without one. */
  readonly caller: Caller | null;
  /** What is sent to the REST API. Locks, the breaker and the polls of streams belong to it. */
  readonly credential: Credential | null;
};

/**
 * Find out who sends a request, once for an HTTP request and once for a socket.
 *
 * @throws {GatewayError} for fields that name nobody. Every operation of the request then fails with it.
 */
export type Identify = (read: FieldReader) => Identity | Promise<Identity>;

/** Facts of one operation. They are computed once, where its HTTP request or its socket arrives. */
export type RequestFacts = Identity & {
  /** Id of the request in answers, logs and traces. */
  readonly id: string;
  /** Why the sender could not be identified, or null. */
  readonly refusal: GatewayError | null;
  /** Address of the client, as seen through the trusted proxies. */
  readonly address: string;
  /** Value of the `Idempotency-Key` header. */
  readonly idempotencyKey: string | null;
  /** The `traceparent` and `tracestate` headers. */
  readonly trace: { readonly traceparent?: string; readonly tracestate?: string };
  readonly userAgent: string | null;
  readonly transport: "http" | "sse" | "websocket";
  /** Whether only queries may run, because the request is a GET. */
  readonly readOnly: boolean;
  /** Whether the answer reports the upstream calls. */
  readonly wantsStats: boolean;
  /** End of the request on the clock of `performance.now()`, in milliseconds. */
  readonly deadline: number;
  /** Aborts when the client disconnects or ends the operation. */
  readonly signal: AbortSignal;
};
