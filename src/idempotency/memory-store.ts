import { LRUCache } from "lru-cache";
import { type IdempotencyRecord, type IdempotencyStore, KEEP_MS } from "./store.ts";

/** Records that one process keeps; past that the one unused for longest goes. About 1 KiB each. */
const MAX_RECORDS = 50_000;

/** Keeps outcomes in this process: for a gateway that runs alone. */
export function createMemoryStore(): IdempotencyStore {
  const records = new LRUCache<string, IdempotencyRecord>({ max: MAX_RECORDS, ttl: KEEP_MS });
  return {
    async claim(key, record) {
      const known = records.get(key);
      if (known !== undefined) return known;
      records.set(key, record);
      return null;
    },
    async read(key) {
      return records.get(key) ?? null;
    },
    async settle(key, record) {
      records.set(key, record);
    },
    async release(key) {
      records.delete(key);
    },
  };
}
