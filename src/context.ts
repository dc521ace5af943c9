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
  const upstream = createUpstream(origin, { caller, requestId, log: requestLog, signal, deadline });
  return {
    requestId,
    log: requestLog,
    signal,
    caller,
    upstream,
    idempotencyKey: request.headers.get("idempotency-key"),
    idempotency,
    deadline,
    envPolicy,
    loaders: createLoaders(upstream),
  };
}
