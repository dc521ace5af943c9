import { RateLimiterMemory, RateLimiterRedis } from "rate-limiter-flexible";
import type { Redis } from "../../redis.ts";
import type { RateStore } from "./rate-limit.ts";
import { createCounter } from "./rate-memory.ts";

/**
 * Counts in Redis, so that several gateways share one budget. While Redis cannot be reached each process
 * counts for itself: a limit is no reason to refuse everything.
 */
export function createRedisCounter(redis: Redis): RateStore {
  return (name, points, seconds) => {
    const budget = { points, duration: seconds };
    return createCounter(
      new RateLimiterRedis({
        ...budget,
        storeClient: redis,
        keyPrefix: `cvm-gateway:rate:${name}`,
        insuranceLimiter: new RateLimiterMemory({ ...budget, keyPrefix: name }),
      }),
    );
  };
}
