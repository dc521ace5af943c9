import { LRUCache } from "lru-cache";
import { PROVISION_TTL_MS } from "../limits.ts";
import type { SharedRedis } from "../redis/types.ts";
import type { ProvisionStore } from "./types.ts";

/** Largest number of provisions that one process remembers. The least recently used one is dropped first. */
const MAX_PROVISIONS = 10_000;

const PREFIX = "cvm-gateway:provision:";

/** Create a store in the memory of this process. */
export function createMemoryProvisions(): ProvisionStore {
  const texts = new LRUCache<string, string>({ max: MAX_PROVISIONS, ttl: PROVISION_TTL_MS });
  return {
    set: async (name, text) => void texts.set(name, text),
    get: async (name) => texts.get(name) ?? null,
  };
}

/**
 * Create a store in Redis, which several gateways share. What Redis does not answer, the memory of this process
 * does.
 *
 * @param onError - called for a failure, which no request reports
 */
export function createRedisProvisions(redis: SharedRedis, onError: (error: unknown) => void): ProvisionStore {
  const own = createMemoryProvisions();
  return {
    async set(name, text) {
      await own.set(name, text);
      await redis.set(PREFIX + name, text, PROVISION_TTL_MS).catch(onError);
    },
    async get(name) {
      const known = await own.get(name);
      if (known !== null) return known;
      try {
        return await redis.get(PREFIX + name);
      } catch (error) {
        onError(error);
        return null;
      }
    },
  };
}
