import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { RateCounter, RateStore } from "./rate-limit.ts";

/** Counts with a limiter of the library, whatever its store. */
export function createCounter(limiter: RateLimiterAbstract): RateCounter {
  return async (key) => {
    try {
      await limiter.consume(key);
      return 0;
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return Math.max(1, refusal.msBeforeNext);
      throw refusal;
    }
  };
}

/** Counts in this process' memory: several gateways each have a budget of their own. */
export const createMemoryCounter: RateStore = (name, points, seconds) =>
  createCounter(new RateLimiterMemory({ keyPrefix: name, points, duration: seconds }));
