import type { AuditLog } from "./access/audit.ts";
import type { ComposeInspector } from "./compose/inspector.ts";
import type { EnvPolicy } from "./config.ts";
import type { Idempotency } from "./idempotency/idempotency.ts";
import type { CvmLocks } from "./locks/types.ts";
import type { Logger } from "./logger.ts";
import { createLoopTurns, type LoopTurns } from "./loop-turns.ts";
import type { Provisions } from "./provisions/types.ts";
import type { RequestFacts } from "./request-facts.ts";
import type { Chains } from "./upstream/chain/chains.ts";
import { type FollowedCvm, Loaders } from "./upstream/loaders.ts";
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
  /** The locks that writes take. */
  readonly cvmLocks: CvmLocks;
  readonly audit: AuditLog;
};

/** Context of one GraphQL operation. No other operation shares it. */
export type Context = Services &
  Pick<RequestFacts, "caller" | "credential" | "rights" | "expiresAt" | "idempotencyKey" | "client"> & {
    readonly requestId: string;
    readonly upstream: Upstream;
    /** End of the operation on the clock of `performance.now()`, in milliseconds. */
    readonly deadline: number;
    /** Wait for a turn before a long computation. */
    readonly takeTurn: LoopTurns;
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

/** Create the context of one operation from the facts of its request. */
export function createContext(
  { pools, log, requestTimeoutMs, ...services }: ContextOptions,
  { id: requestId, caller, credential, rights, expiresAt, idempotencyKey, client, deadline }: RequestFacts,
): Context {
  const scope = { caller: credential, requestId, log, client, deadline };
  const upstream = createUpstream(pools, scope);
  return {
    ...services,
    requestId,
    client,
    caller,
    credential,
    rights,
    expiresAt,
    upstream,
    idempotencyKey,
    deadline,
    takeTurn: createLoopTurns(),
    loaders: new Loaders(upstream, services.chains),
    beginEvent(followed) {
      scope.deadline = performance.now() + requestTimeoutMs;
      this.loaders = new Loaders(upstream, services.chains, followed);
    },
  };
}
