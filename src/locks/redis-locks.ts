import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../logger.ts";
import { lockTimes } from "../redis/limits.ts";
import { createRetries } from "../redis/retries.ts";
import type { SharedRedis } from "../redis/types.ts";
import { keepLease, type Lease, readClocks } from "./lease.ts";
import { createPausedError, createUnreachableError } from "./lock-error.ts";
import type { LockScripts } from "./lock-scripts.ts";
import { createProcessTurn } from "./memory-locks.ts";
import { createEndedInQueue, createTurnQueues, findEndOfWait } from "./turn-queues.ts";
import type { CvmLocks, LockRequest } from "./types.ts";

/** What is reported about locks in Redis. */
export type LockReports = {
  /** Called for a failure of Redis, also where a request reports it. */
  readonly onError: (error: unknown) => void;
  readonly log: Logger;
};

/** Wait before the next attempt to get a lock. The time is random, so that two gateways do not meet each time. */
async function pauseBeforePoll(request: LockRequest, longestMs: number): Promise<void> {
  const waitMs = longestMs * (0.5 + Math.random() / 2);
  const { endsInMs, createError } = findEndOfWait(request);
  if (waitMs > endsInMs) throw createError();
  await sleep(waitMs, undefined, { signal: request.client.signal }).catch(() => {
    throw createEndedInQueue();
  });
}

/**
 * Create locks that all gateways on one Redis share. Writes of this process take turns first, so that only one of them
 * asks Redis.
 *
 * A lock is a lease with a fencing token. Renewals keep it while the write is checked and sent, and its end deletes it
 * by comparison with its owner. See docs/redis.md for what it guarantees.
 */
export function createRedisLocks(
  redis: SharedRedis,
  scripts: LockScripts,
  { onError, log }: LockReports,
): CvmLocks {
  const queues = createTurnQueues();
  const retries = createRetries(onError);
  const observe = () => void scripts.observe().catch(onError);
  const timer = setInterval(observe, lockTimes.observation).unref();
  redis.onReady(observe);

  /** Take the lock. @returns no lease for a write without protection while Redis cannot be asked */
  async function takeLease(name: string, request: LockRequest) {
    const { isProtected, requestId } = request;
    const place = scripts.find("held", name);
    const owner = randomUUID();
    let wasBusy = false;
    for (let pollMs: number = lockTimes.firstPoll; ; pollMs = Math.min(pollMs * 2, lockTimes.maxPoll)) {
      const since = readClocks();
      const reply = await scripts.acquire(place, owner, isProtected).catch((error) => {
        onError(error);
        // Redis can still execute a command that timed out.
        void retries.run(() => scripts.release(place, owner));
        if (isProtected) throw createUnreachableError(error);
        return null;
      });
      if (reply === null) return { lease: null, release: () => undefined, wasBusy };
      if (reply.state === "held") {
        log.debug({ requestId, lockToken: reply.token }, "lock of the CVM taken");
        const lease = keepLease(scripts, { place, owner, since, isProtected }, onError);
        return { lease, release: () => void retries.run(() => scripts.release(place, owner)), wasBusy };
      }
      if (reply.state === "paused") throw createPausedError(reply.endsInMs);
      wasBusy = true;
      await pauseBeforePoll(request, Math.min(pollMs, reply.endsInMs + 1));
    }
  }

  const toTurn = (lease: Lease | null, hasWaited: boolean) => ({
    ...createProcessTurn(hasWaited),
    ...(lease === null ? {} : { confirm: lease.confirm, assertHeld: lease.assertHeld }),
  });

  return {
    get size() {
      return queues.size;
    },
    run: (name, request, run) =>
      queues.run(name, request, async (hasWaited) => {
        const { lease, release, wasBusy } = await takeLease(name, request);
        try {
          return await run(toTurn(lease, hasWaited || wasBusy));
        } finally {
          lease?.end();
          release();
        }
      }),
    close() {
      clearInterval(timer);
      retries.close();
    },
  };
}
