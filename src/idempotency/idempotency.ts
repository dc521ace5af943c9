import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { errorMessages } from "../error-messages.ts";
import { GatewayError } from "../errors.ts";
import { deriveFrom, type Outcome, openOutcome, sealOutcome } from "./sealed-outcome.ts";
import type { IdempotencyRecord, IdempotencyStore } from "./store.ts";

/** How often a duplicate looks whether the first has ended, in milliseconds. */
const POLL_MS = 100;
/** A write that has run for longer has lost its process, in milliseconds: longer than any request may take. */
const LEASE_MS = 10 * 60_000;
const STILL_RUNNING_RETRY_MS = 2_000;

/** A write under an idempotency key. */
type KeyedWrite = {
  /** The credential that the key belongs to; kept only as a keyed hash. */
  readonly secret: string;
  readonly key: string;
  readonly operation: string;
  readonly input: unknown;
  /** Ends the waiting of a duplicate. */
  readonly signal: AbortSignal;
  /** When a duplicate gives up waiting, on the clock of `performance.now()`, in milliseconds. */
  readonly deadline: number;
  /** Whether a write that failed so may have been applied all the same. */
  readonly mayHaveBeenApplied: (error: unknown) => boolean;
};

/** Runs writes at most once for each key. */
export type Idempotency = {
  /**
   * Sends the write, or joins the one that was sent under this key before and answers as that one ended.
   * A write that surely was not applied frees its key.
   *
   * @throws {GatewayError} `IDEMPOTENCY_KEY_REUSED` for other input; `OPERATION_IN_PROGRESS` while the first
   * runs past the deadline; `OUTCOME_UNKNOWN` where the first ended without a trace; `UPSTREAM_UNAVAILABLE`
   * before anything is sent where the store cannot be reached.
   */
  run<T>(write: KeyedWrite, send: () => Promise<T>): Promise<T>;
};

function createUnknownOutcome(): GatewayError {
  return new GatewayError("OUTCOME_UNKNOWN", errorMessages.keyedOutcomeUnknown);
}

/** Binds idempotency to a store. @param onStoreError hears of outcomes that could not be kept. */
export function createIdempotency(
  store: IdempotencyStore,
  onStoreError: (error: unknown) => void,
): Idempotency {
  async function reach<T>(command: Promise<T>): Promise<T> {
    try {
      return await command;
    } catch (cause) {
      throw new GatewayError("UPSTREAM_UNAVAILABLE", errorMessages.idempotencyStoreUnreachable, { cause });
    }
  }

  async function join<T>(
    name: string,
    first: IdempotencyRecord,
    write: KeyedWrite,
  ): Promise<Outcome<T> | null> {
    let record: IdempotencyRecord | null = first;
    while (record !== null && record.outcome === undefined) {
      if (Date.now() - record.startedAt > LEASE_MS) return { error: createUnknownOutcome() };
      if (write.signal.aborted || performance.now() + POLL_MS > write.deadline) {
        throw new GatewayError("OPERATION_IN_PROGRESS", errorMessages.keyInUse, {
          retryAfterMs: STILL_RUNNING_RETRY_MS,
        });
      }
      await sleep(POLL_MS);
      record = await reach(store.read(name));
    }
    return record?.outcome === undefined ? null : openOutcome(write.secret, record.outcome);
  }

  async function settle(name: string, record: IdempotencyRecord, secret: string, outcome: Outcome<unknown>) {
    await store.settle(name, { ...record, outcome: sealOutcome(secret, outcome) }).catch(onStoreError);
  }

  async function lead<T>(
    name: string,
    record: IdempotencyRecord,
    write: KeyedWrite,
    send: () => Promise<T>,
  ): Promise<T> {
    try {
      const value = await send();
      await settle(name, record, write.secret, { value });
      return value;
    } catch (error) {
      if (!write.mayHaveBeenApplied(error)) await store.release(name).catch(onStoreError);
      else
        await settle(name, record, write.secret, {
          error: error instanceof GatewayError ? error : createUnknownOutcome(),
        });
      throw error;
    }
  }

  async function run<T>(write: KeyedWrite, send: () => Promise<T>): Promise<T> {
    const { secret, key, operation, input } = write;
    const name = deriveFrom(secret, "key", key).toString("base64url");
    const record = {
      owner: randomUUID(),
      fingerprint: deriveFrom(secret, "input", `${operation}\0${JSON.stringify(input)}`).toString(
        "base64url",
      ),
      startedAt: Date.now(),
    };
    const known = await reach(store.claim(name, record));
    if (known === null || known.owner === record.owner) return lead(name, record, write, send);
    if (known.fingerprint !== record.fingerprint) {
      throw new GatewayError("IDEMPOTENCY_KEY_REUSED");
    }
    const outcome = await join<T>(name, known, write);
    if (outcome === null) return run(write, send);
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }

  return { run };
}
