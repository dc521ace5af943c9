import { RateLimiterMemory, RateLimiterRedis } from "rate-limiter-flexible";
import type { SharedRedis } from "../../redis/types.ts";
import { createCounter } from "./rate-memory.ts";
import type { RateStore } from "./types.ts";

/** Time after a failure in which Redis is not asked, in milliseconds, so that it does not delay each operation. */
const PAUSE_MS = 2_000;

/** Create what `rate-limiter-flexible` needs of a client: it counts with one script. */
function createClient(redis: SharedRedis) {
  let failedAt = -PAUSE_MS;
  return {
    async eval(script: string, given: { readonly keys: string[]; readonly arguments: string[] }) {
      if (performance.now() - failedAt < PAUSE_MS) throw new Error("Redis has just failed.");
      try {
        return await redis.eval(script, given.keys, given.arguments);
      } catch (error) {
        failedAt = performance.now();
        throw error;
      }
    },
  };
}

/**
 * Count in Redis, so that several gateways share one limit. When Redis is unreachable, each process counts in
 * its own memory, so that an outage of Redis does not reject every operation.
 */
export function createRedisCounter(redis: SharedRedis): RateStore {
  const client = createClient(redis);
  return (name, points, seconds) => {
    const budget = { points, duration: seconds };
    return createCounter(
      new RateLimiterRedis({
        ...budget,
        storeClient: client,
        useRedisPackage: true,
        keyPrefix: `cvm-gateway:rate:${name}`,
        insuranceLimiter: new RateLimiterMemory({ ...budget, keyPrefix: name }),
      }),
    );
  };
}
