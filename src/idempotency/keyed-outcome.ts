import { setTimeout as sleep } from "node:timers/promises";
import { errorMessages } from "../error-messages.ts";
import { GatewayError } from "../errors.ts";
import { type Outcome, openOutcome, sealOutcome } from "./sealed-outcome.ts";
import { createStoreError, DamagedRecordError } from "./store-error.ts";
import type {
  Claim,
  FoundRecord,
  IdempotencyRecord,
  IdempotencyStore,
  KeyedWrite,
  RecordPlace,
} from "./types.ts";

/** Interval at which a repeat checks whether the first write has ended, in milliseconds. */
const POLL_MS = 100;

const STILL_RUNNING_RETRY_MS = 2_000;

/** Send a keyed write. @param beforeSending - awaited before the first request that changes something */
export type SendKeyed<T> = (beforeSending: () => Promise<void>) => Promise<T>;

function createUnknownOutcome(): GatewayError {
  return new GatewayError("OUTCOME_UNKNOWN", errorMessages.keyedOutcomeUnknown);
}

/** Await a command of the store before anything is sent. @throws {GatewayError} `UPSTREAM_UNAVAILABLE` */
export async function reachStore<T>(command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch (error) {
    throw error instanceof GatewayError ? error : createStoreError(error);
  }
}

function openRecord<T>(secret: string, outcome: string): Outcome<T> {
  try {
    return openOutcome(secret, outcome);
  } catch (cause) {
    throw createStoreError(new DamagedRecordError({ cause }));
  }
}

/**
 * Wait for the outcome of the first write with a key.
 *
 * @param first - the record as the repeat found it
 * @returns null when the key is free: the first write was not applied, or its process ended before it was sent
 * @throws {GatewayError} `OPERATION_IN_PROGRESS` when the time of the repeat ends first, and `UNAUTHENTICATED` when its
 *   token does; `UPSTREAM_UNAVAILABLE`
 */
export async function awaitOutcome<T>(
  store: IdempotencyStore,
  place: RecordPlace,
  first: IdempotencyRecord,
  { owner: { secret }, signal, deadline, expiresAt }: KeyedWrite,
): Promise<Outcome<T> | null> {
  let found: FoundRecord | null = { record: first, orphaned: false };
  while (found !== null && found.record.outcome === undefined) {
    if (found.orphaned) return { error: createUnknownOutcome() };
    if (signal.aborted || performance.now() + POLL_MS > deadline) {
      const retryAfterMs = STILL_RUNNING_RETRY_MS;
      throw new GatewayError("OPERATION_IN_PROGRESS", errorMessages.keyInUse, { retryAfterMs });
    }
    if (expiresAt !== null && expiresAt <= Date.now()) {
      throw new GatewayError("UNAUTHENTICATED", errorMessages.tokenExpiredRepeating);
    }
    await sleep(POLL_MS);
    found = await reachStore(store.find(place));
  }
  // The first write can have released the key, and a write with other input can have claimed it since.
  if (found === null || found.record.fingerprint !== first.fingerprint) return null;
  return found.record.outcome === undefined ? null : openRecord(secret, found.record.outcome);
}

/** Send the first write with a claimed key, and store its outcome. A write that was not applied releases its key. */
export async function sendFirst<T>(
  claim: Claim,
  { owner: { secret }, mayHaveBeenApplied }: KeyedWrite,
  send: SendKeyed<T>,
): Promise<T> {
  const complete = (outcome: Outcome<unknown>) => claim.settle(sealOutcome(secret, outcome));
  let marked = false;
  const beforeSending = async () => {
    marked ||= await reachStore(claim.markSending());
    if (!marked) throw new GatewayError("UPSTREAM_UNAVAILABLE", errorMessages.idempotencyClaimLost);
  };
  try {
    const value = await send(beforeSending);
    await complete({ value });
    return value;
  } catch (error) {
    if (mayHaveBeenApplied(error)) {
      await complete({ error: error instanceof GatewayError ? error : createUnknownOutcome() });
    } else {
      await claim.release();
    }
    throw error;
  }
}
