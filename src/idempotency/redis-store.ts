import { Redis } from "ioredis";
import { z } from "zod";
import { type IdempotencyRecord, type IdempotencyStore, KEEP_MS } from "./store.ts";

const PREFIX = "cvm-gateway:idempotency:";
/** A command that takes longer counts as failed: a write must not hang on its protection. */
const COMMAND_TIMEOUT_MS = 2_000;

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

/** Keeps outcomes in Redis, where several gateways share them. @param onError hears of lost connections. */
export function createRedisStore(url: string, onError: (error: unknown) => void): IdempotencyStore {
  const redis = new Redis(url, {
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: COMMAND_TIMEOUT_MS,
    enableOfflineQueue: true,
    maxRetriesPerRequest: 1,
    retryStrategy: (attempt) => Math.min(attempt * 100, 2_000),
  });
  redis.on("error", onError);
  return {
    async claim(key, record) {
      const known = await redis.set(PREFIX + key, JSON.stringify(record), "PX", KEEP_MS, "NX", "GET");
      return parseRecord(known);
    },
    async read(key) {
      return parseRecord(await redis.get(PREFIX + key));
    },
    async settle(key, record) {
      await redis.set(PREFIX + key, JSON.stringify(record), "PX", KEEP_MS);
    },
    async release(key) {
      await redis.del(PREFIX + key);
    },
    async close() {
      redis.disconnect();
    },
  };
}
