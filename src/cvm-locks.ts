import { errorMessages } from "./error-messages.ts";
import { GatewayError } from "./errors.ts";

/** The request that takes a lock. */
type LockRequest = {
  /** Aborts when the client disconnects. */
  readonly signal: AbortSignal;
  /** End of the request on the clock of `performance.now()`, in milliseconds. */
  readonly deadline: number;
  /** End of the caller's token in milliseconds since 1970. Null for a caller without a token. */
  readonly expiresAt: number | null;
};

/** Locks of the CVMs that this process writes to. */
export type CvmLocks = {
  /** Number of locks that are held. */
  readonly size: number;
  /**
   * Run a function while no other function runs under the same name. Functions run in the order of their calls.
   *
   * @param run - told whether it had to wait. What its request read before may then be stale.
   * @throws {GatewayError} `CANCELLED` when the client leaves or the request ends during the wait, and
   * `UNAUTHENTICATED` when its token expires. The function is then never called.
   */
  run<T>(name: string, request: LockRequest, run: (hasWaited: boolean) => Promise<T>): Promise<T>;
};

/** Functions that begin the turns of the waiting requests, in their order. */
type Queue = Set<() => void>;

/** Wait for a turn. A request that ends leaves the queue. */
function waitForTurn(queue: Queue, { signal, deadline, expiresAt }: LockRequest): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const leave = () => {
    queue.delete(begin);
    signal.removeEventListener("abort", cancel);
    clearTimeout(timer);
  };
  const begin = () => {
    leave();
    resolve();
  };
  const cancel = () => {
    leave();
    reject(new GatewayError("CANCELLED", errorMessages.endedInQueue));
  };
  const expire = () => {
    leave();
    reject(new GatewayError("UNAUTHENTICATED", errorMessages.tokenExpiredWaiting));
  };
  const requestMs = deadline - performance.now();
  const tokenMs = expiresAt === null ? Number.POSITIVE_INFINITY : expiresAt - Date.now();
  const timer = setTimeout(tokenMs < requestMs ? expire : cancel, Math.max(0, Math.min(requestMs, tokenMs)));
  queue.add(begin);
  if (signal.aborted) cancel();
  else signal.addEventListener("abort", cancel, { once: true });
  return promise;
}

/** Create the locks of a process. A lock exists only while it is held. */
export function createCvmLocks(): CvmLocks {
  const queues = new Map<string, Queue>();

  function release(name: string, queue: Queue): void {
    const [next] = queue;
    if (next === undefined) queues.delete(name);
    else next();
  }

  return {
    get size() {
      return queues.size;
    },
    async run(name, request, run) {
      const held = queues.get(name);
      const queue: Queue = held ?? new Set();
      if (held === undefined) queues.set(name, queue);
      else await waitForTurn(held, request);
      try {
        return await run(held !== undefined);
      } finally {
        release(name, queue);
      }
    },
  };
}
