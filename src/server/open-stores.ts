import type { Config } from "../config.ts";
import { createIdempotency } from "../idempotency/idempotency.ts";
import { createMemoryStore } from "../idempotency/memory-store.ts";
import { createRedisStore } from "../idempotency/redis-store.ts";
import { createLockScripts } from "../locks/lock-scripts.ts";
import { createMemoryLocks } from "../locks/memory-locks.ts";
import { createRedisLocks } from "../locks/redis-locks.ts";
import type { Logger } from "../logger.ts";
import { createProvisions } from "../provisions/provisions.ts";
import { createMemoryProvisions, createRedisProvisions } from "../provisions/stores.ts";
import { connectRedis } from "../redis/connect.ts";
import { lockTimes } from "../redis/limits.ts";
import { probeRedis } from "../redis/probe.ts";
import { createMemoryCounter } from "./guards/rate-memory.ts";
import { createRedisCounter } from "./guards/rate-redis.ts";
import type { Metrics } from "./telemetry/metrics.ts";
import { createRedisReport } from "./telemetry/redis-report.ts";

const PAUSE_MESSAGE = `Redis has a new master, was restarted or has lost data. Writes with an idempotency key or expectedVersion are not sent for ${lockTimes.lease / 1_000} seconds.`;

function openMemoryStores() {
  const store = createMemoryStore();
  const cvmLocks = createMemoryLocks();
  return {
    idempotency: createIdempotency(store),
    provisions: createProvisions(createMemoryProvisions()),
    cvmLocks,
    rateStore: createMemoryCounter,
    close() {
      store.close();
      cvmLocks.close();
    },
  };
}

/**
 * Open the stores of idempotency keys, locks, provisions and rates: in Redis, or in the memory of this process.
 *
 * @throws {StartupError} for a file of `REDIS_URL` that cannot be read
 */
export function openStores(
  { redis: address, redisSentinelPassword }: Config["secrets"],
  log: Logger,
  metrics: Metrics | null,
) {
  if (address === null) return openMemoryStores();
  const onError = createRedisReport(log, () => metrics?.redisFailures.inc());
  const onPause = () => {
    metrics?.lockPauses.inc();
    log.warn(PAUSE_MESSAGE);
  };
  const redis = connectRedis(address, redisSentinelPassword, onError);
  const scripts = createLockScripts(redis, onPause);
  const store = createRedisStore(redis, scripts, onError);
  const cvmLocks = createRedisLocks(redis, scripts, { onError, log });
  redis.onReady(() => {
    probeRedis(redis).then(() => log.info("Redis can be used"), onError);
  });
  return {
    idempotency: createIdempotency(store),
    provisions: createProvisions(createRedisProvisions(redis, onError)),
    cvmLocks,
    rateStore: createRedisCounter(redis),
    close() {
      store.close();
      cvmLocks.close();
      redis.close();
    },
  };
}
