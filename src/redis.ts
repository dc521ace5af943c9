import { Redis } from "ioredis";

export type { Redis } from "ioredis";

/** A command that takes longer counts as failed: a request must not hang on Redis, in milliseconds. */
const COMMAND_TIMEOUT_MS = 2_000;

/** Connects to the Redis that several gateways share. @param onError hears of lost connections. */
export function connectRedis(url: string, onError: (error: unknown) => void): Redis {
  const redis = new Redis(url, {
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 1,
    retryStrategy: (attempt) => Math.min(attempt * 100, 2_000),
  });
  redis.on("error", onError);
  return redis;
}
