import type { Logger } from "./logger.ts";
import { type Credential, readCredential } from "./upstream/credential.ts";
import { createUpstream, type Upstream } from "./upstream/http.ts";
import { createLoaders, type Loaders } from "./upstream/loaders.ts";
import type { UpstreamOrigin } from "./upstream/origin.ts";
import type { WatchHub } from "./upstream/watch-hub.ts";

/** Everything that one GraphQL request has, complete from the start and shared with no other request. */
export type Context = {
  readonly requestId: string;
  readonly log: Logger;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
  readonly caller: Credential | null;
  readonly upstream: Upstream;
  /** Replaced after a write, so that what is read then is new. */
  loaders: Loaders;
  /** What many streams share; it outlives every request. */
  readonly watches: WatchHub;
  /** Begins the next event of a stream: what is read for it is new, and has a request's whole time. */
  beginEvent(): void;
};

/** What a process brings to every request. */
export type ContextOptions = {
  readonly origin: UpstreamOrigin;
  readonly log: Logger;
  readonly requestTimeoutMs: number;
  readonly watches: WatchHub;
};

/** Makes the context of one request from its headers. */
export function createContext(
  { origin, log, requestTimeoutMs, watches }: ContextOptions,
  request: { readonly headers: Headers; readonly signal: AbortSignal },
  requestId: string,
): Context {
  const caller = readCredential(request.headers);
  const requestLog = log.child({ requestId });
  const scope = {
    caller,
    requestId,
    log: requestLog,
    signal: request.signal,
    deadline: performance.now() + requestTimeoutMs,
  };
  const upstream = createUpstream(origin, scope);
  return {
    requestId,
    log: requestLog,
    signal: request.signal,
    caller,
    upstream,
    loaders: createLoaders(upstream),
    watches,
    beginEvent() {
      scope.deadline = performance.now() + requestTimeoutMs;
      this.loaders = createLoaders(upstream);
    },
  };
}
