import { randomUUID } from "node:crypto";
import { digestInput } from "./input-digests.ts";
import { createKeyReusedError } from "./key-reused.ts";
import { awaitOutcome, reachStore, sendFirst } from "./keyed-outcome.ts";
import { deriveFrom } from "./sealed-outcome.ts";
import type { IdempotencyRecord, IdempotencyStore, KeyedWrite } from "./types.ts";

/** Sends each write at most once per key. */
export type Idempotency = {
  /**
   * Send the write, or return the outcome of the write that was sent with this key before. A write that was
   * certainly not applied frees its key.
   *
   * @throws {GatewayError} `IDEMPOTENCY_KEY_REUSED` for other input; `OPERATION_IN_PROGRESS` when the first
   * write still runs at the deadline; `OUTCOME_UNKNOWN` when the first write left no outcome;
   * `UPSTREAM_UNAVAILABLE` before anything is sent when the store cannot be reached
   */
  run<T>(write: KeyedWrite, send: () => Promise<T>): Promise<T>;
};

function createRecord(write: KeyedWrite): IdempotencyRecord {
  return { owner: randomUUID(), ...digestInput(write), startedAt: Date.now() };
}

/** Name the record of a key. Without a workspace, earlier versions of the gateway stored it by the same name. */
function nameRecord({ owner: { secret, workspace }, key }: KeyedWrite): string {
  const purpose = workspace === null ? "key" : `key/${workspace}`;
  return deriveFrom(secret, purpose, key).toString("base64url");
}

/** Create the idempotency of a process. @param onStoreError - called for an outcome that cannot be stored */
export function createIdempotency(
  store: IdempotencyStore,
  onStoreError: (error: unknown) => void,
): Idempotency {
  async function run<T>(write: KeyedWrite, send: () => Promise<T>): Promise<T> {
    const name = nameRecord(write);
    const record = createRecord(write);
    const known = await reachStore(store.claim(name, record));
    if (known === null || known.owner === record.owner) {
      return sendFirst(store, name, record, write, send, onStoreError);
    }
    if (known.fingerprint !== record.fingerprint) {
      throw createKeyReusedError(write.owner.secret, known, record);
    }
    const outcome = await awaitOutcome<T>(store, name, known, write);
    if (outcome === null) return run(write, send);
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }
  return { run };
}
