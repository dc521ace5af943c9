import { randomUUID } from "node:crypto";
import { RedisTooOldError } from "./failure.ts";
import type { SharedRedis } from "./types.ts";

const PROBE_KEY = "cvm-gateway:probe";
const PROBE_TTL_MS = 1_000;

/** The commands of the other scripts. A user can have the right to run scripts and not to these commands. */
const PROBE_SCRIPT = `
redis.call("INFO", "replication")
redis.call("TIME")
redis.call("DEL", KEYS[1])
redis.call("INCR", KEYS[1])
redis.call("GET", KEYS[1])
redis.call("SET", KEYS[1], "1", "PX", ARGV[1])
redis.call("PEXPIRE", KEYS[1], ARGV[1])
redis.call("PTTL", KEYS[1])
return redis.call("DEL", KEYS[1])`;

/** `SET … NX GET` needs it. Valkey reports 7.2 here. */
const MIN_MAJOR_VERSION = 7;

/** Assert that a server is new enough. A service that hides its version is judged by its commands. */
function assertVersion(info: string): void {
  const version = /^redis_version:(\d+)(\S*)/m.exec(info);
  if (version === null || Number(version[1]) >= MIN_MAJOR_VERSION) return;
  throw new RedisTooOldError(`${version[1]}${version[2]}`);
}

/**
 * Check the version of each master, and execute the commands that the gateway needs on a key of its own. Rejects
 * with the reason if one is refused.
 */
export async function probeRedis(redis: SharedRedis): Promise<void> {
  for (const info of await redis.listServerInfo()) assertVersion(info);
  await redis.setIfAbsent(PROBE_KEY, randomUUID(), PROBE_TTL_MS);
  await redis.get(PROBE_KEY);
  await redis.pttl(PROBE_KEY);
  await redis.eval(PROBE_SCRIPT, [PROBE_KEY], [PROBE_TTL_MS]);
}
