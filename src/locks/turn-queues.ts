import { errorMessages } from "../error-messages.ts";
import { GatewayError } from "../errors.ts";
import type { LockRequest } from "./types.ts";

type Waiting = Pick<LockRequest, "client" | "deadline" | "expiresAt">;

/** The turns of this process, by name. A queue exists only while somebody has its turn. */
export type TurnQueues = {
  readonly size: number;
  /**
   * Run a function while no other function runs under the same name. Functions run in the order of their calls.
   *
   * @param run - told whether it had to wait
   * @throws {GatewayError} `CANCELLED` when the client leaves or the request ends during the wait, and
   *   `UNAUTHENTICATED` when its token expires. The function is then never called.
   */
  run<T>(name: string, request: Waiting, run: (hasWaited: boolean) => Promise<T>): Promise<T>;
};

/** Functions that begin the turns of the waiting requests, in their order. */
type Queue = Set<() => void>;

/** How long a request can wait, in milliseconds, and the error when that is over. */
export function findEndOfWait({ deadline, expiresAt }: Waiting) {
  const requestMs = deadline - performance.now();
  const tokenMs = expiresAt === null ? Number.POSITIVE_INFINITY : expiresAt - Date.now();
  const createError = () =>
    tokenMs < requestMs
      ? new GatewayError("UNAUTHENTICATED", errorMessages.tokenExpiredWaiting)
      : createEndedInQueue();
  return { endsInMs: Math.max(0, Math.min(requestMs, tokenMs)), createError };
}

/** Create the error for a request that ended while it waited for a lock. */
export function createEndedInQueue(): GatewayError {
  return new GatewayError("CANCELLED", errorMessages.endedInQueue);
}

/** Wait for a turn. A request that ends leaves the queue. */
function waitForTurn(queue: Queue, request: Waiting): Promise<void> {
  const { client } = request;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const leave = () => {
    queue.delete(begin);
    client.forget(cancel);
    clearTimeout(timer);
  };
  const begin = () => {
    leave();
    resolve();
  };
  const cancel = () => {
    leave();
    reject(createEndedInQueue());
  };
  const { endsInMs, createError } = findEndOfWait(request);
  const timer = setTimeout(() => {
    leave();
    reject(createError());
  }, endsInMs);
  queue.add(begin);
  if (client.hasLeft) cancel();
  else client.onLeave(cancel);
  return promise;
}

/** Create the turns of a process. */
export function createTurnQueues(): TurnQueues {
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
