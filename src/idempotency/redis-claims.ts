import { LRUCache } from "lru-cache";
import { claimTimes, settledLimits } from "../redis/limits.ts";
import type { Retries } from "../redis/retries.ts";
import type { RecordCommands } from "./redis-scripts.ts";
import type { Claim, IdempotencyRecord } from "./types.ts";

/** The keys that the running writes of this process hold in Redis. */
export type RedisClaims = {
  /** Hold a claimed key with heartbeats until it is settled or released. */
  hold(name: string, record: IdempotencyRecord): Claim;
  /** Find a write of this process that may have been sent and whose outcome is not in Redis yet. */
  findSending(name: string): IdempotencyRecord | null;
  /** Send the heartbeats of all claims now. */
  beat(): void;
  /** Store what Redis may have lost again: running writes, and the outcomes of the last minutes. */
  restore(): void;
  close(): void;
};

/**
 * Create the claims of a process.
 *
 * @param onError - called for a heartbeat that failed
 */
export function createRedisClaims(
  commands: RecordCommands,
  retries: Retries,
  onError: (error: unknown) => void,
): RedisClaims {
  /** Claims with a heartbeat, by owner. */
  const held = new Map<string, { readonly name: string; readonly record: IdempotencyRecord }>();
  /** Writes that may have been sent, by name, until their outcome is stored. They do not depend on Redis. */
  const sending = new Map<string, IdempotencyRecord>();

  /** Outcomes that Redis has. A change of its master can take the latest ones. */
  const settled = new LRUCache<string, IdempotencyRecord>(settledLimits);

  const beat = () => {
    for (const { name, record } of held.values()) commands.beat(name, record).catch(onError);
  };
  const timer = setInterval(beat, claimTimes.heartbeat).unref();

  function hold(name: string, claimed: IdempotencyRecord): Claim {
    const { owner } = claimed;
    held.set(owner, { name, record: claimed });
    return {
      async markSending() {
        const record: IdempotencyRecord = { ...claimed, state: "sending" };
        if (!(await commands.replace(name, record))) return false;
        held.set(owner, { name, record });
        sending.set(name, record);
        return true;
      },
      async settle(outcome) {
        const record: IdempotencyRecord = { ...claimed, state: "sending", outcome };
        sending.set(name, record);
        // Without heartbeats, other gateways do not wait for an outcome that cannot be stored.
        held.delete(owner);
        await retries.run(async () => {
          if (await commands.complete(name, record)) settled.set(name, record);
          if (sending.get(name) === record) sending.delete(name);
        });
      },
      async release() {
        held.delete(owner);
        if (sending.get(name)?.owner === owner) sending.delete(name);
        await retries.run(() => commands.remove(name, claimed));
      },
    };
  }

  return {
    hold,
    findSending: (name) => sending.get(name) ?? null,
    beat,
    restore() {
      beat();
      for (const [name, record] of settled.entries()) commands.complete(name, record).catch(onError);
    },
    close: () => clearInterval(timer),
  };
}
