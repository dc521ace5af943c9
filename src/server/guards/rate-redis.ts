import { RateLimiterMemory, RateLimiterRedis } from "rate-limiter-flexible";
import type { SharedRedis } from "../../redis/types.ts";
import { createCounter } from "./rate-memory.ts";
import type { RateStore } from "./types.ts";

/** What `rate-limiter-flexible` needs of a client: it counts with one script. */
function createClient(redis: SharedRedis) {
  return {
    eval: (script: string, given: { readonly keys: string[]; readonly arguments: string[] }) =>
      redis.eval(script, given.keys, given.arguments),
  };
}

/**
 * Count in Redis, so that several gateways share one limit. When Redis is unreachable, each process counts in
 * its own memory, so that an outage of Redis does not reject every operation.
 */
export function createRedisCounter(redis: SharedRedis): RateStore {
  return (name, points, seconds) => {
    const budget = { points, duration: seconds };
    return createCounter(
      new RateLimiterRedis({
        ...budget,
        storeClient: createClient(redis),
        useRedisPackage: true,
        keyPrefix: `cvm-gateway:rate:${name}`,
        insuranceLimiter: new RateLimiterMemory({ ...budget, keyPrefix: name }),
      }),
    );
  };
}
