import { z } from "zod";
import { OUTCOME_TTL_MS } from "../limits.ts";
import type { Redis } from "../redis.ts";
import type { IdempotencyRecord, IdempotencyStore } from "./types.ts";

const PREFIX = "cvm-gateway:idempotency:";

/**
 * Version of the format. Version 1 has no version and no digests. Each version keeps the members of the earlier
 * ones, so that gateways of different releases can share a Redis during an update.
 */
const VERSION = 2;

function formatRecord(record: IdempotencyRecord): string {
  return JSON.stringify({ version: VERSION, ...record });
}

const recordText = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(
    z.object({
      owner: z.string(),
      fingerprint: z.string(),
      digests: z
        .object({ operation: z.string(), fields: z.record(z.string(), z.string()) })
        .optional()
        .catch(undefined),
      startedAt: z.number(),
      outcome: z.string().optional(),
    }),
  );

function parseRecord(text: string | null): IdempotencyRecord | null {
  if (text === null) return null;
  const { digests, outcome, ...record } = recordText.parse(text);
  return {
    ...record,
    ...(digests === undefined ? {} : { digests }),
    ...(outcome === undefined ? {} : { outcome }),
  };
}

/** Create a store in Redis, which several gateways can share. */
export function createRedisStore(redis: Redis): IdempotencyStore {
  return {
    async claim(key, record) {
      const known = await redis.set(PREFIX + key, formatRecord(record), "PX", OUTCOME_TTL_MS, "NX", "GET");
      return parseRecord(known);
    },
    async find(key) {
      return parseRecord(await redis.get(PREFIX + key));
    },
    async complete(key, record) {
      await redis.set(PREFIX + key, formatRecord(record), "PX", OUTCOME_TTL_MS);
    },
    async release(key) {
      await redis.del(PREFIX + key);
    },
  };
}
