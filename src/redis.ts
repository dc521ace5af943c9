import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import type { Redis } from "ioredis";

export type { Redis } from "ioredis";

/** Time limit of one command and of one attempt to connect, in milliseconds, so that no request hangs on Redis. */
const COMMAND_TIMEOUT_MS = 2_000;

/** Longest pause between two attempts to connect, in milliseconds. */
const MAX_RECONNECT_DELAY_MS = 2_000;

const PROBE_KEY = "cvm-gateway:probe";
const PROBE_TTL_MS = 1_000;

/** Load the client when it is needed, because most gateways run without Redis. */
function loadClient(): typeof import("ioredis") {
  return createRequire(import.meta.url)("ioredis");
}

/** Connect to the Redis that several gateways share. @param onError is called when the connection fails. */
export function connectRedis(url: string, onError: (error: unknown) => void): Redis {
  const client = loadClient();
  const redis = new client.Redis(url, {
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 1,
    retryStrategy: (attempt) => Math.min(attempt * 100, MAX_RECONNECT_DELAY_MS),
  });
  redis.on("error", onError);
  return redis;
}

/** Execute the commands that the gateway needs, on a key of its own. Rejects with the reason if one is refused. */
export async function probeRedis(redis: Redis): Promise<void> {
  await redis.set(PROBE_KEY, randomUUID(), "PX", PROBE_TTL_MS, "NX", "GET");
  await redis.eval("return redis.call('DEL', KEYS[1])", 1, PROBE_KEY);
}

/** Error replies of Redis by their beginning, and what they say about it. */
const refusals: readonly (readonly [beginning: RegExp, reason: string])[] = [
  [/^WRONGPASS|^ERR AUTH|^ERR invalid password/, "rejects the password of the gateway"],
  [/^NOAUTH/, "requires a password"],
  [/^NOPERM/, "does not permit the gateway a command that it needs"],
  [/^OOM|^ERR .*\bOOM\b/, "is out of memory"],
  [/^READONLY/, "is a read-only replica"],
  [/^MISCONF/, "accepts no writes because it cannot save them"],
  [/^LOADING/, "is still loading its data"],
  [/^ERR syntax error|^ERR unknown command/, "is too old: Redis 7.0 or later is required"],
];

/**
 * Describe why Redis failed, as the end of a sentence that begins with its name. The text never contains the URL,
 * a password, a key or a value.
 */
export function describeRedisFailure(error: unknown): string {
  if (!(error instanceof Error)) return "failed";
  const { message } = error;
  const known = refusals.find(([beginning]) => beginning.test(message));
  if (known !== undefined) return known[1];
  // Some failures of the connection wrap the reply that caused them.
  const causes = [error.cause, "lastNodeError" in error ? error.lastNodeError : undefined];
  const cause = causes.find((candidate) => candidate instanceof Error);
  if (cause !== undefined) return describeRedisFailure(cause);
  return error.name === "ReplyError" ? "refuses a command" : "cannot be reached";
}
