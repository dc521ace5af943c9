import { setTimeout as sleep } from "node:timers/promises";
import { errorMessages } from "../error-messages.ts";
import { GatewayError } from "../errors.ts";
import { type Outcome, openOutcome, sealOutcome } from "./sealed-outcome.ts";
import type { IdempotencyRecord, IdempotencyStore, KeyedWrite } from "./types.ts";

/** Interval at which a repeat checks whether the first write has ended, in milliseconds. */
const POLL_MS = 100;

/** A write that runs for longer has lost its process, in milliseconds. No request may take that long. */
const LEASE_MS = 10 * 60_000;

const STILL_RUNNING_RETRY_MS = 2_000;

function createUnknownOutcome(): GatewayError {
  return new GatewayError("OUTCOME_UNKNOWN", errorMessages.keyedOutcomeUnknown);
}

/** Await a command of the store before anything is sent. @throws {GatewayError} `UPSTREAM_UNAVAILABLE` */
export async function reachStore<T>(command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch (cause) {
    throw new GatewayError("UPSTREAM_UNAVAILABLE", errorMessages.idempotencyStoreUnreachable, { cause });
  }
}

/**
 * Wait for the outcome of the first write with a key.
 *
 * @param first - the record as the repeat found it
 * @returns null when the first write released the key, because it was not applied
 * @throws {GatewayError} `OPERATION_IN_PROGRESS` when the time of the repeat ends first; `UPSTREAM_UNAVAILABLE`
 */
export async function awaitOutcome<T>(
  store: IdempotencyStore,
  name: string,
  first: IdempotencyRecord,
  { owner: { secret }, signal, deadline }: KeyedWrite,
): Promise<Outcome<T> | null> {
  let record: IdempotencyRecord | null = first;
  while (record !== null && record.outcome === undefined) {
    if (Date.now() - record.startedAt > LEASE_MS) return { error: createUnknownOutcome() };
    if (signal.aborted || performance.now() + POLL_MS > deadline) {
      const retryAfterMs = STILL_RUNNING_RETRY_MS;
      throw new GatewayError("OPERATION_IN_PROGRESS", errorMessages.keyInUse, { retryAfterMs });
    }
    await sleep(POLL_MS);
    record = await reachStore(store.find(name));
  }
  return record?.outcome === undefined ? null : openOutcome(secret, record.outcome);
}

/**
 * Send the first write with a claimed key, and store its outcome. A write that was not applied releases its key.
 *
 * @param onStoreError - called when the outcome cannot be stored. The write itself keeps its result.
 */
export async function sendFirst<T>(
  store: IdempotencyStore,
  name: string,
  record: IdempotencyRecord,
  { owner: { secret }, mayHaveBeenApplied }: KeyedWrite,
  send: () => Promise<T>,
  onStoreError: (error: unknown) => void,
): Promise<T> {
  const complete = (outcome: Outcome<unknown>) =>
    store.complete(name, { ...record, outcome: sealOutcome(secret, outcome) }).catch(onStoreError);
  try {
    const value = await send();
    await complete({ value });
    return value;
  } catch (error) {
    if (mayHaveBeenApplied(error)) {
      await complete({ error: error instanceof GatewayError ? error : createUnknownOutcome() });
    } else {
      await store.release(name).catch(onStoreError);
    }
    throw error;
  }
}
