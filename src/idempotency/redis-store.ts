import { z } from "zod";
import { OUTCOME_TTL_MS } from "../limits.ts";
import type { Redis } from "../redis.ts";
import type { IdempotencyRecord, IdempotencyStore } from "./types.ts";

const PREFIX = "cvm-gateway:idempotency:";

const recordText = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(
    z.object({
      owner: z.string(),
      fingerprint: z.string(),
      startedAt: z.number(),
      outcome: z.string().optional(),
    }),
  );

function parseRecord(text: string | null): IdempotencyRecord | null {
  if (text === null) return null;
  const { owner, fingerprint, startedAt, outcome } = recordText.parse(text);
  return { owner, fingerprint, startedAt, ...(outcome === undefined ? {} : { outcome }) };
}

/** Create a store in Redis, which several gateways can share. */
export function createRedisStore(redis: Redis): IdempotencyStore {
  return {
    async claim(key, record) {
      const known = await redis.set(PREFIX + key, JSON.stringify(record), "PX", OUTCOME_TTL_MS, "NX", "GET");
      return parseRecord(known);
    },
    async find(key) {
      return parseRecord(await redis.get(PREFIX + key));
    },
    async complete(key, record) {
      await redis.set(PREFIX + key, JSON.stringify(record), "PX", OUTCOME_TTL_MS);
    },
    async release(key) {
      await redis.del(PREFIX + key);
    },
  };
}
