import { claimTimes, OUTCOME_TTL_MS } from "../limits.ts";
import type { SharedRedis } from "../redis/types.ts";
import { formatOwner, formatRecord } from "./redis-record.ts";
import type { IdempotencyRecord } from "./types.ts";

const PREFIX = "cvm-gateway:idempotency:";

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

const REPLACE_OWN_OR_ABSENT = `${COMPARE}
if text and not own then return 0 end
redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3])
return 1`;

const DELETE_OWN = `${COMPARE}
if own then redis.call("DEL", KEYS[1]) end
return 1`;

const EXTEND_OWN = `${COMPARE}
if own and string.find(text, ARGV[3], 1, true) then redis.call("PEXPIRE", KEYS[1], ARGV[2]) end
if text then return 1 end
return 0`;

/** The commands for one record. A command that Redis executes late changes the record of no other owner. */
export function createRecordCommands(redis: SharedRedis) {
  const run = async (
    script: string,
    name: string,
    record: IdempotencyRecord,
    ...values: (string | number)[]
  ) => (await redis.eval(script, [PREFIX + name], [formatOwner(record), ...values])) === 1;
  return {
    /** Store a claim if the key has no record. @returns the text of the record before; null if there was none */
    claim: (name: string, record: IdempotencyRecord): Promise<string | null> =>
      redis.setIfAbsent(PREFIX + name, formatRecord(record), claimTimes.lease),

    /** Read a record, and the time since its last heartbeat in milliseconds. */
    async read(name: string): Promise<{ readonly text: string | null; readonly idleMs: number }> {
      const [text, ttlMs] = await Promise.all([redis.get(PREFIX + name), redis.pttl(PREFIX + name)]);
      return { text, idleMs: ttlMs < 0 ? 0 : OUTCOME_TTL_MS - ttlMs };
    },

    /** Replace a claim. @returns false if the claim is gone */
    replace: (name: string, record: IdempotencyRecord): Promise<boolean> =>
      run(REPLACE_OWN, name, record, formatRecord(record), OUTCOME_TTL_MS),

    /** Store an outcome, also after Redis has lost the claim. @returns false if the key has another owner */
    complete: (name: string, record: IdempotencyRecord): Promise<boolean> =>
      run(REPLACE_OWN_OR_ABSENT, name, record, formatRecord(record), OUTCOME_TTL_MS),

    remove: (name: string, record: IdempotencyRecord): Promise<boolean> => run(DELETE_OWN, name, record),

    /** Extend a claim for the time of its state. Store a write that may have been sent again if Redis lost it. */
    async beat(name: string, record: IdempotencyRecord): Promise<void> {
      const isSending = record.state === "sending";
      const leaseMs = isSending ? OUTCOME_TTL_MS : claimTimes.lease;
      const exists = await run(EXTEND_OWN, name, record, leaseMs, `"state":"${record.state}"`);
      if (exists || !isSending) return;
      await redis.setIfAbsent(PREFIX + name, formatRecord(record), OUTCOME_TTL_MS);
    },
  };
}

export type RecordCommands = ReturnType<typeof createRecordCommands>;
