import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import { lockTimes } from "../redis/limits.ts";
import type { SharedRedis } from "../redis/types.ts";

/** Places in a cluster. Each has a master of its own, and the locks are spread over them. */
const CLUSTER_PLACES = 32;

/**
 * Look whether this master may have lost locks that were granted before: it is another server, it was restarted or
 * emptied. Then pause the locks for the time of a lease. `KEYS`: mark, pause, token. `ARGV`: the mark that the
 * gateway knows, a new id, and the lease in milliseconds.
 *
 * The mark names the server (`run_id`) and its history of replication (`master_replid`), both of which change with
 * each promotion and restart. A gateway that knows a mark does not accept that there is none, nor a mark that was made
 * without a pause by a gateway that knew none.
 *
 * Tokens only rise, also where their counter is lost: it then continues from the time in microseconds.
 */
const OBSERVE = `
local info = redis.call("INFO", "server") .. redis.call("INFO", "replication")
local id = (string.match(info, "run_id:(%w+)") or "") .. (string.match(info, "master_replid:(%w+)") or "")
local mark = redis.call("GET", KEYS[1])
local changed = 0
if not mark then
  if ARGV[1] ~= "" then changed = 1 end
else
  local known_id, kind = string.match(mark, "^(%S*) (%S+) ")
  if known_id ~= id or (kind == "new" and ARGV[1] ~= "" and ARGV[1] ~= mark) then changed = 1 end
end
if not mark or changed == 1 then
  mark = id .. (changed == 1 and " changed " or " new ") .. ARGV[2]
  redis.call("SET", KEYS[1], mark)
  local time = redis.call("TIME")
  local token = string.format("%s%06d", time[1], time[2])
  if tonumber(redis.call("GET", KEYS[3]) or "0") < tonumber(token) then redis.call("SET", KEYS[3], token) end
end
if changed == 1 then redis.call("SET", KEYS[2], "1", "PX", ARGV[3]) end
local pause = redis.call("PTTL", KEYS[2])
`;

/** Return whose lock `KEYS[4]` is. A lock is the id of its owner, a space, and its token. `ARGV[4]` is the owner. */
const READ_LOCK = `
local lock = redis.call("GET", KEYS[4])
local own = lock and string.find(lock, ARGV[4], 1, true) == 1
`;

const OBSERVE_ONLY = `${OBSERVE}
return {"observed", pause, mark, changed, ""}`;

/** Take the lock, also during a pause if `ARGV[5]` is `0`. */
const ACQUIRE = `${OBSERVE}${READ_LOCK}
if pause > 0 and ARGV[5] == "1" then return {"paused", pause, mark, changed, ""} end
if lock and not own then return {"busy", redis.call("PTTL", KEYS[4]), mark, changed, ""} end
local token
if own then
  token = string.match(lock, " (%d+)$")
else
  redis.call("INCR", KEYS[3])
  token = redis.call("GET", KEYS[3])
end
redis.call("SET", KEYS[4], ARGV[4] .. " " .. token, "PX", ARGV[3])
return {"held", 0, mark, changed, token}`;

const RENEW = `${OBSERVE}${READ_LOCK}
if not own then return {"lost", 0, mark, changed, ""} end
redis.call("PEXPIRE", KEYS[4], ARGV[3])
if pause > 0 and ARGV[5] == "1" then return {"paused", pause, mark, changed, ""} end
return {"held", 0, mark, changed, ""}`;

const RELEASE = `
local lock = redis.call("GET", KEYS[1])
if lock and string.find(lock, ARGV[1], 1, true) == 1 then redis.call("DEL", KEYS[1]) end
return 1`;

const replyShape = z.tuple([
  z.enum(["observed", "held", "busy", "paused", "lost"]),
  z.coerce.number(),
  z.string(),
  z.literal([0, 1]),
  z.string(),
]);

/** What Redis says about a lock. */
export type LockReply = {
  readonly state: z.output<typeof replyShape>[0];
  /** Time until a busy lock or a pause ends, in milliseconds. */
  readonly endsInMs: number;
  /** The fencing token of a lock that was taken. It is higher than that of every holder before. */
  readonly token: string;
};

/** A key in Redis, and the place whose master has it. */
export type LockPlace = { readonly place: number; readonly key: string };

/** Call a function once for all places of a cluster that pause together. */
function reportOnce(report: () => void): () => void {
  let reportedAt = -lockTimes.lease;
  return () => {
    if (performance.now() - reportedAt < lockTimes.lease) return;
    reportedAt = performance.now();
    report();
  };
}

function nameKeys(place: number) {
  const base = `cvm-gateway:{lock-${place}}`;
  return { base, shared: [`${base}:mark`, `${base}:pause`, `${base}:token`] };
}

/**
 * Create the commands for locks.
 *
 * @param onPause - called when this process has found that Redis may have lost locks
 */
export function createLockScripts(redis: SharedRedis, onPause: () => void) {
  /** The marks that this process has seen, by place. */
  const marks = new Map<number, string>();
  const listeners = new Set<() => void>();
  const places = redis.isCluster ? CLUSTER_PLACES : 1;
  const reportPause = reportOnce(onPause);

  async function run(script: string, place: number, key: string | null, more: readonly string[]) {
    const { shared } = nameKeys(place);
    const keys = key === null ? shared : [...shared, key];
    const values = [marks.get(place) ?? "", randomUUID(), lockTimes.lease, ...more];
    const [state, endsInMs, mark, changed, token] = replyShape.parse(await redis.eval(script, keys, values));
    const known = marks.get(place);
    marks.set(place, mark);
    if (known !== undefined && known !== mark) for (const listener of listeners) listener();
    if (changed === 1) reportPause();
    return { state, endsInMs, token };
  }

  return {
    /**
     * Choose the place of something that has a name, and its key. The key contains a hash of the name.
     *
     * @param kind - part of the key
     */
    find(kind: string, name: string): LockPlace {
      const hash = createHash("sha256").update(name).digest();
      const place = hash.readUInt32BE() % places;
      return { place, key: `${nameKeys(place).base}:${kind}:${hash.toString("base64url")}` };
    },
    acquire: ({ place, key }: LockPlace, owner: string, isProtected: boolean): Promise<LockReply> =>
      run(ACQUIRE, place, key, [owner, isProtected ? "1" : "0"]),
    renew: ({ place, key }: LockPlace, owner: string, isProtected: boolean): Promise<LockReply> =>
      run(RENEW, place, key, [owner, isProtected ? "1" : "0"]),
    release: ({ key }: LockPlace, owner: string): Promise<unknown> => redis.eval(RELEASE, [key], [owner]),
    /** Call a function when this process sees that a master has changed, whichever gateway found it. */
    onNewMark: (listener: () => void) => void listeners.add(listener),
    /** Return how long a place is still paused, in milliseconds. Negative if it is not. */
    findPause: async (place: number): Promise<number> => (await run(OBSERVE_ONLY, place, null, [])).endsInMs,
    /** Look for a change of every master. */
    observe: async (): Promise<void> => {
      const all = Array.from({ length: places }, (_, place) => run(OBSERVE_ONLY, place, null, []));
      await Promise.all(all);
    },
  };
}

export type LockScripts = ReturnType<typeof createLockScripts>;
