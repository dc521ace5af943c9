import { OUTCOME_TTL_MS } from "../limits.ts";
import { createPausedError } from "../locks/lock-error.ts";
import type { LockScripts } from "../locks/lock-scripts.ts";
import { claimTimes } from "../redis/limits.ts";
import type { SharedRedis } from "../redis/types.ts";
import { formatOwner, formatRecord } from "./redis-record.ts";
import type { IdempotencyRecord } from "./types.ts";

const KIND = "idempotency";
const PREFIX = `cvm-gateway:${KIND}:`;

/** Compare the owner of the record in `KEYS[1]`. The owner is random, so no other part of a record contains it. */
const COMPARE = `
local text = redis.pcall("GET", KEYS[1])
if type(text) == "table" then text = "damaged" end
local own = text and string.find(text, ARGV[1], 1, true)
`;

const REPLACE_OWN = `${COMPARE}
if not own then return 0 end
redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3])
return 1`;

/** Whether a record that Redis lost is absent, or the claim of a repeat that has sent nothing yet. */
const IS_FREE = `(not text or string.find(text, '"state":"claimed"', 1, true))`;

/** Store an outcome, also where Redis lost the record of its write. A repeat that loses its claim sends nothing. */
const COMPLETE = `${COMPARE}
if not own and not ${IS_FREE} then return 0 end
redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3])
return 1`;

const DELETE_OWN = `${COMPARE}
if own then redis.call("DEL", KEYS[1]) end
return 1`;

/** Extend a record that has the state of its write. A new master can have an earlier state. */
const EXTEND_OWN = `${COMPARE}
if not own or not string.find(text, ARGV[3], 1, true) then return 0 end
redis.call("PEXPIRE", KEYS[1], ARGV[2])
return 1`;

/** Store a running write that Redis lost, or of which it has only the claim. Never replaces an outcome. */
const RESTORE = `${COMPARE}
if not ${IS_FREE} then return 0 end
redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3])
return 1`;

/**
 * Create the commands for one record. A command that Redis executes late changes the record of no other owner.
 *
 * In a cluster, a record has a place among those of the locks. When its master changes, its keys pause for the
 * time in which running writes store their records again. On a single server the lock of the CVM does that.
 */
export function createRecordCommands(redis: SharedRedis, locks: LockScripts) {
  const nameKey = (name: string) => (redis.isCluster ? locks.find(KIND, name).key : PREFIX + name);
  const run = async (
    script: string,
    name: string,
    record: IdempotencyRecord,
    ...values: (string | number)[]
  ) => (await redis.eval(script, [nameKey(name)], [formatOwner(record), ...values])) === 1;
  return {
    /** Store a claim if the key has no record. @returns the text of the record before; null if there was none */
    claim: (name: string, record: IdempotencyRecord): Promise<string | null> =>
      redis.setIfAbsent(nameKey(name), formatRecord(record), claimTimes.lease),

    /** Assert that the master of a record has not changed. @throws {GatewayError} `LOCK_UNAVAILABLE` */
    async assertNotPaused(name: string): Promise<void> {
      const pauseMs = redis.isCluster ? await locks.findPause(locks.find(KIND, name).place) : 0;
      if (pauseMs > 0) throw createPausedError(pauseMs);
    },

    /** Read a record, and the time since its last heartbeat in milliseconds. */
    async read(name: string): Promise<{ readonly text: string | null; readonly idleMs: number }> {
      const [text, ttlMs] = await Promise.all([redis.get(nameKey(name)), redis.pttl(nameKey(name))]);
      return { text, idleMs: ttlMs < 0 ? 0 : OUTCOME_TTL_MS - ttlMs };
    },

    /** Replace a claim. @returns false if the claim is gone */
    replace: (name: string, record: IdempotencyRecord): Promise<boolean> =>
      run(REPLACE_OWN, name, record, formatRecord(record), OUTCOME_TTL_MS),

    /** Store an outcome, also after Redis has lost it. @returns false if a write of another owner was sent */
    complete: (name: string, record: IdempotencyRecord): Promise<boolean> =>
      run(COMPLETE, name, record, formatRecord(record), OUTCOME_TTL_MS),

    remove: (name: string, record: IdempotencyRecord): Promise<boolean> => run(DELETE_OWN, name, record),

    /** Extend a claim for the time of its state. Store a write that may have been sent again if Redis lost it. */
    async beat(name: string, record: IdempotencyRecord): Promise<void> {
      const isSending = record.state === "sending";
      const leaseMs = isSending ? OUTCOME_TTL_MS : claimTimes.lease;
      const isHeld = await run(EXTEND_OWN, name, record, leaseMs, `"state":"${record.state}"`);
      if (!isHeld && isSending) await run(RESTORE, name, record, formatRecord(record), OUTCOME_TTL_MS);
    },
  };
}

export type RecordCommands = ReturnType<typeof createRecordCommands>;
