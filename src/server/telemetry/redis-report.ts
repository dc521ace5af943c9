import { describeStoreFailure } from "../../idempotency/store-error.ts";
import type { Logger } from "../../logger.ts";

/** The same reason is logged once in this time, in milliseconds: each request and each reconnect can repeat it. */
const REPEAT_MS = 10_000;

/**
 * Create the function that counts the failures of Redis and logs their reason. Its lines contain no URL, password,
 * key or value.
 */
export function createRedisReport(log: Logger, count: () => void): (error: unknown) => void {
  const loggedAt = new Map<string, number>();
  return (err) => {
    count();
    const reason = describeStoreFailure(err);
    const last = loggedAt.get(reason) ?? -REPEAT_MS;
    if (performance.now() - last < REPEAT_MS) return;
    loggedAt.set(reason, performance.now());
    log.error(
      { err },
      `Redis (REDIS_URL) ${reason}. Writes with an idempotency key or expectedVersion are not sent.`,
    );
  };
}
