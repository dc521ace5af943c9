import type { LockScripts } from "../locks/lock-scripts.ts";
import { claimTimes } from "../redis/limits.ts";
import { createRetries } from "../redis/retries.ts";
import type { SharedRedis } from "../redis/types.ts";
import { createRedisClaims } from "./redis-claims.ts";
import { parseRecord } from "./redis-record.ts";
import { createRecordCommands } from "./redis-scripts.ts";
import type { IdempotencyRecord, IdempotencyStore } from "./types.ts";

/** Gateways before version 3 of the record send no heartbeat. No request takes longer than this, in milliseconds. */
const LEASE_WITHOUT_HEARTBEAT_MS = 10 * 60_000;

/**
 * Whether the process of a running write has ended. A record that is only claimed needs no such check: Redis
 * deletes it at the end of its lease.
 */
function isOrphaned({ state, outcome }: IdempotencyRecord, idleMs: number): boolean {
  if (state === "claimed" || outcome !== undefined) return false;
  return idleMs > (state === "sending" ? claimTimes.lease : LEASE_WITHOUT_HEARTBEAT_MS);
}

/**
 * Create a store in Redis, which several gateways can share.
 *
 * A key is first claimed for a short lease that heartbeats extend. Before the write is sent, the record changes to
 * `sending` by compare-and-set, so that a process whose claim has ended sends nothing. Then it is kept until
 * the outcome is stored, or until a day is over.
 *
 * @param onError - called for a failure that no request reports
 */
export function createRedisStore(
  redis: SharedRedis,
  locks: LockScripts,
  onError: (error: unknown) => void,
): IdempotencyStore {
  const commands = createRecordCommands(redis, locks);
  const retries = createRetries(onError);
  const claims = createRedisClaims(commands, retries, onError);
  redis.onReady(claims.beat);
  locks.onNewMark(claims.restore);
  return {
    async claim({ name }, record) {
      const own = claims.findSending(name);
      if (own !== null) return { known: own };
      try {
        const text = await commands.claim(name, record);
        const known = text === null ? null : parseRecord(text);
        // In a cluster the client can send a command again, and finds its own claim.
        if (known !== null && known.owner !== record.owner) return { known };
        await commands.assertNotPaused(name);
        return { claim: claims.hold(name, record) };
      } catch (error) {
        // Redis can still execute a claim that timed out, and a paused one is not held.
        void retries.run(() => commands.remove(name, record));
        throw error;
      }
    },
    async find({ name }) {
      const own = claims.findSending(name);
      if (own !== null) return { record: own, orphaned: false };
      const { text, idleMs } = await commands.read(name);
      if (text === null) return null;
      const record = parseRecord(text);
      return { record, orphaned: isOrphaned(record, idleMs) };
    },
    close() {
      claims.close();
      retries.close();
    },
  };
}
