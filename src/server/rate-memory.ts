import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { RateStore } from "./rate-limit.ts";

/** Counts in this process' memory: several gateways each have a budget of their own. */
export const createMemoryCounter: RateStore = (name, points, seconds) => {
  const limiter = new RateLimiterMemory({ keyPrefix: name, points, duration: seconds });
  return async (key) => {
    try {
      await limiter.consume(key);
      return 0;
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return Math.max(1, refusal.msBeforeNext);
      throw refusal;
    }
  };
};
