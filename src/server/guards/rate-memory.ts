import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { RateCounter, RateStore } from "./types.ts";

/** Create a counter from a limiter of `rate-limiter-flexible`. */
export function createCounter(limiter: RateLimiterAbstract): RateCounter {
  return async (key) => {
    try {
      await limiter.consume(key);
      return 0;
    } catch (reason) {
      if (reason instanceof RateLimiterRes) return Math.max(1, reason.msBeforeNext);
      throw reason;
    }
  };
}

/** Count in the memory of this process. Each of several gateways then has its own limits. */
export const createMemoryCounter: RateStore = (name, points, seconds) =>
  createCounter(new RateLimiterMemory({ keyPrefix: name, points, duration: seconds }));
