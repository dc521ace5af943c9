import { Redis } from "ioredis";

export type { Redis } from "ioredis";

/** Time limit of one command and of one attempt to connect, in milliseconds, so that no request hangs on Redis. */
const COMMAND_TIMEOUT_MS = 2_000;

/** Longest pause between two attempts to connect, in milliseconds. */
const MAX_RECONNECT_DELAY_MS = 2_000;

/** Connect to the Redis that several gateways share. @param onError is called when the connection fails. */
export function connectRedis(url: string, onError: (error: unknown) => void): Redis {
  const redis = new Redis(url, {
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 1,
    retryStrategy: (attempt) => Math.min(attempt * 100, MAX_RECONNECT_DELAY_MS),
  });
  redis.on("error", onError);
  return redis;
}
