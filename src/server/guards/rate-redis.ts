import { RateLimiterMemory, RateLimiterRedis } from "rate-limiter-flexible";
import type { Redis } from "../../redis.ts";
import { createCounter } from "./rate-memory.ts";
import type { RateStore } from "./types.ts";

/**
 * Count in Redis, so that several gateways share one limit. When Redis is unreachable, each process counts in
 * its own memory, so that an outage of Redis does not reject every operation.
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
