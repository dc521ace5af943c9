import type { ComposeInspector } from "./compose/inspector.ts";
import type { EnvPolicy } from "./config.ts";
import { type Credential, parseCredential } from "./credential.ts";
import type { CvmLocks } from "./cvm-locks.ts";
import type { Idempotency } from "./idempotency/idempotency.ts";
import type { Logger } from "./logger.ts";
import type { Provisions } from "./provisions/types.ts";
import type { Chains } from "./upstream/chain/chains.ts";
import { createEventLoaders, createLoaders, type FollowedCvm, type Loaders } from "./upstream/loaders.ts";
import type { ConnectionPools } from "./upstream/transport/connection-pools.ts";
import type { Upstream } from "./upstream/transport/types.ts";
import { createUpstream } from "./upstream/transport/upstream.ts";
import type { WatchHub } from "./watch/watch-hub.ts";

/** Services that outlive a request, and that the resolvers of every request use. */
type Services = {
  readonly idempotency: Idempotency;
  readonly envPolicy: EnvPolicy;
  readonly composeInspector: ComposeInspector;
  /** The provisions that a commit is compared with. */
  readonly provisions: Provisions;
  /** The chains that the gateway reads itself. */
  readonly chains: Chains;
  /** The polls that streams share. */
  readonly watches: WatchHub;
  /** The locks that the writes of this process take. */
  readonly cvmLocks: CvmLocks;
};

/** Context of one GraphQL request. No other request shares it. */
export type Context = Services & {
  readonly requestId: string;
  readonly log: Logger;
  /** Aborts when the client disconnects. */
  readonly signal: AbortSignal;
  readonly caller: Credential | null;
  readonly upstream: Upstream;
  /** Value of the `Idempotency-Key` header. */
  readonly idempotencyKey: string | null;
  /** End of the request on the clock of `performance.now()`, in milliseconds. */
  readonly deadline: number;
  /** Replaced after a write, so that later reads are fresh. */
  loaders: Loaders;
  /**
   * Begin the next event of a stream. Its reads are fresh, except for those of the followed CVM, which all
   * subscribers share. It has the full time of a request.
   */
  beginEvent(followed: FollowedCvm): void;
};

/** What all requests of a process share. */
export type ContextOptions = Services & {
  readonly pools: ConnectionPools;
  readonly log: Logger;
  readonly requestTimeoutMs: number;
};

/**
 * Create the context of one request from its headers.
 *
 * @throws {GatewayError} the codes of {@link parseCredential}
 */
export function createContext(
  { pools, log, requestTimeoutMs, ...services }: ContextOptions,
  request: { readonly headers: Headers; readonly signal: AbortSignal },
  requestId: string,
): Context {
  const { signal } = request;
  const caller = parseCredential(request.headers);
  const requestLog = log.child({ requestId });
  const deadline = performance.now() + requestTimeoutMs;
  const scope = { caller, requestId, log: requestLog, signal, deadline };
  const upstream = createUpstream(pools, scope);
  return {
    ...services,
    requestId,
    log: requestLog,
    signal,
    caller,
    upstream,
    idempotencyKey: request.headers.get("idempotency-key"),
    deadline,
    loaders: createLoaders(upstream, services.chains),
    beginEvent(followed) {
      scope.deadline = performance.now() + requestTimeoutMs;
      this.loaders = createEventLoaders(upstream, services.chains, followed);
    },
  };
}
