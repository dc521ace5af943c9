import { LRUCache } from "lru-cache";
import { OUTCOME_TTL_MS } from "../limits.ts";
import type { IdempotencyRecord, IdempotencyStore } from "./types.ts";

/** Largest number of records in one process, about 2 KiB each. The least recently used one is dropped first. */
const MAX_RECORDS = 50_000;

/** Create a store in the memory of this process, for a single gateway. */
export function createMemoryStore(): IdempotencyStore {
  const records = new LRUCache<string, IdempotencyRecord>({ max: MAX_RECORDS, ttl: OUTCOME_TTL_MS });
  return {
    async claim(key, record) {
      const known = records.get(key);
      if (known !== undefined) return known;
      records.set(key, record);
      return null;
    },
    async find(key) {
      return records.get(key) ?? null;
    },
    async complete(key, record) {
      records.set(key, record);
    },
    async release(key) {
      records.delete(key);
    },
  };
}
