import { randomUUID } from "node:crypto";
import { getNamingKey, type Owner } from "../credential.ts";
import { GatewayError } from "../errors.ts";
import { digestInput } from "./input-digests.ts";
import { createKeyReusedError } from "./key-reused.ts";
import { awaitOutcome, reachStore, type SendKeyed, sendFirst } from "./keyed-outcome.ts";
import { deriveFrom } from "./sealed-outcome.ts";
import type { IdempotencyRecord, IdempotencyStore, KeyedWrite } from "./types.ts";

/** Sends each write at most once per key. */
export type Idempotency = {
  /**
   * Send the write, or return the outcome of the write that was sent with this key before. A write that was
   * certainly not applied frees its key. An emergency is sent without its key where the store cannot be used.
   *
   * @param send - sends the write. It awaits `beforeSending` before the first request that changes something.
   * @throws {GatewayError} `IDEMPOTENCY_KEY_REUSED` for other input; `OPERATION_IN_PROGRESS` when the first
   * write still runs at the deadline; `OUTCOME_UNKNOWN` when the first write left no outcome;
   * `UPSTREAM_UNAVAILABLE` before anything is sent when the store cannot be used; `RATE_LIMITED` before anything is
   * sent when it has no room
   */
  run<T>(write: KeyedWrite, send: SendKeyed<T>): Promise<T>;
};

function createRecord(write: KeyedWrite): IdempotencyRecord {
  return { owner: randomUUID(), state: "claimed", ...digestInput(write), startedAt: Date.now() };
}

/** Name the record of a key. Without a workspace, earlier versions of the gateway stored it by the same name. */
function nameRecord({ owner, key }: KeyedWrite): string {
  const purpose = owner.workspace === null ? "key" : `key/${owner.workspace}`;
  return deriveName(owner, purpose, key);
}

/** Derive a name from an owner. A credential never has a name of a signed-in caller, whatever its text is. */
function deriveName(owner: Owner, purpose: string, text = ""): string {
  const kind = owner.scheme === "token" ? `signed-in/${purpose}` : purpose;
  return deriveFrom(getNamingKey(owner), kind, text).toString("base64url");
}

/** Whether the store refused a key for a reason of its own. What the REST API refused has its answer. */
function isStoreFailure(error: unknown): boolean {
  if (!(error instanceof GatewayError) || error.upstream !== undefined) return false;
  return ["LOCK_UNAVAILABLE", "RATE_LIMITED", "UPSTREAM_UNAVAILABLE"].includes(error.code);
}

/** Run a write once for its key where the store can be used, and without its key otherwise. */
async function runEmergency<T>(
  runOnce: Idempotency["run"],
  write: KeyedWrite,
  send: SendKeyed<T>,
): Promise<T> {
  let hasBegun = false;
  try {
    return await runOnce(write, (beforeSending) => {
      hasBegun = true;
      return send(() => beforeSending().catch(() => undefined));
    });
  } catch (error) {
    if (hasBegun || !isStoreFailure(error)) throw error;
    return send(async () => undefined);
  }
}

/** Create the idempotency of a process. */
export function createIdempotency(store: IdempotencyStore): Idempotency {
  async function runOnce<T>(write: KeyedWrite, send: SendKeyed<T>): Promise<T> {
    const { secret } = write.owner;
    const place = { name: nameRecord(write), share: deriveName(write.owner, "share") };
    const record = createRecord(write);
    const claimed = await reachStore(store.claim(place, record));
    if ("claim" in claimed) return sendFirst(claimed.claim, write, send);
    const { known } = claimed;
    if (known.fingerprint !== record.fingerprint) throw createKeyReusedError(secret, known, record);
    const outcome = await awaitOutcome<T>(store, place, known, write);
    if (outcome === null) return runOnce(write, send);
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }
  return {
    run: (write, send) => (write.isEmergency ? runEmergency(runOnce, write, send) : runOnce(write, send)),
  };
}
