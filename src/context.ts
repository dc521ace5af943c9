import type { EnvPolicy } from "./config.ts";
import type { Idempotency } from "./idempotency/idempotency.ts";
import type { Logger } from "./logger.ts";
import { type Credential, readCredential } from "./upstream/credential.ts";
import { createUpstream, type Upstream } from "./upstream/http.ts";
import { createLoaders, type Loaders } from "./upstream/loaders.ts";
import type { UpstreamOrigin } from "./upstream/origin.ts";

/** Everything that one GraphQL request has, complete from the start and shared with no other request. */
export type Context = {
  readonly requestId: string;
  readonly log: Logger;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
  readonly caller: Credential | null;
  readonly upstream: Upstream;
  /** How many writes this request has handed to the REST API. */
  readonly writes: { sent: number };
  /** The `Idempotency-Key` header. */
  readonly idempotencyKey: string | null;
  readonly idempotency: Idempotency;
  /** The end of the request on the clock of `performance.now()`, in milliseconds. */
  readonly deadline: number;
  readonly envPolicy: EnvPolicy;
  /** Replaced after a write, so that what is read then is new. */
  loaders: Loaders;
};

/** What a process brings to every request. */
export type ContextOptions = {
  readonly origin: UpstreamOrigin;
  readonly log: Logger;
  readonly requestTimeoutMs: number;
  readonly idempotency: Idempotency;
  readonly envPolicy: EnvPolicy;
};

function countWrites(upstream: Upstream, writes: { sent: number }): Upstream {
  return {
    send(request) {
      if (request.effect === "write") writes.sent += 1;
      return upstream.send(request);
    },
  };
}

/** Makes the context of one request from its headers. */
export function createContext(
  { origin, log, requestTimeoutMs, idempotency, envPolicy }: ContextOptions,
  request: { readonly headers: Headers; readonly signal: AbortSignal },
  requestId: string,
): Context {
  const { signal } = request;
  const caller = readCredential(request.headers);
  const requestLog = log.child({ requestId });
  const deadline = performance.now() + requestTimeoutMs;
  const writes = { sent: 0 };
  const upstream = countWrites(
    createUpstream(origin, { caller, requestId, log: requestLog, signal, deadline }),
    writes,
  );
  return {
    requestId,
    log: requestLog,
    signal,
    caller,
    upstream,
    writes,
    idempotencyKey: request.headers.get("idempotency-key"),
    idempotency,
    deadline,
    envPolicy,
    loaders: createLoaders(upstream),
  };
}
