import { keyLimits, OUTCOME_TTL_MS } from "../limits.ts";
import type { IdempotencyRecord, RecordPlace } from "./types.ts";

/** The records of one credential, by name. */
type Share = {
  readonly running: Map<string, IdempotencyRecord>;
  /** Oldest first. */
  readonly settled: Map<string, { readonly record: IdempotencyRecord; readonly expiresAt: number }>;
};

/** The records of all credentials in the memory of a process. */
type Shares = {
  find(place: RecordPlace): IdempotencyRecord | null;
  /** Add the record of a running write. @returns false if there is no room for it */
  add(place: RecordPlace, record: IdempotencyRecord): boolean;
  settle(place: RecordPlace, record: IdempotencyRecord): void;
  release(place: RecordPlace): void;
};

/** Create the records of a process. Each credential has a share of `keyLimits.perCredential` records. */
export function createShares(): Shares {
  const shares = new Map<string, Share>();
  let size = 0;

  function drop(share: string, records: Map<string, unknown>, name: string): void {
    if (records.delete(name)) size -= 1;
    const known = shares.get(share);
    if (known !== undefined && known.running.size + known.settled.size === 0) shares.delete(share);
  }

  function dropExpired(share: string): void {
    const { settled } = shares.get(share) ?? {};
    for (const [name, { expiresAt }] of settled ?? []) {
      if (expiresAt > Date.now()) return;
      if (settled !== undefined) drop(share, settled, name);
    }
  }

  /** Make room for a record from the settled outcomes of the same share. @returns false if that is not possible */
  function makeRoom(share: string): boolean {
    if (size >= keyLimits.records) for (const name of [...shares.keys()]) dropExpired(name);
    const { running, settled } = shares.get(share) ?? { running: new Map(), settled: new Map() };
    if (size < keyLimits.records && running.size + settled.size < keyLimits.perCredential) return true;
    const [oldest] = settled.keys();
    if (oldest === undefined) return false;
    drop(share, settled, oldest);
    return true;
  }

  return {
    find({ share, name }) {
      dropExpired(share);
      const known = shares.get(share);
      return known?.running.get(name) ?? known?.settled.get(name)?.record ?? null;
    },
    add({ share, name }, record) {
      if (!makeRoom(share)) return false;
      const known = shares.get(share) ?? { running: new Map(), settled: new Map() };
      known.running.set(name, record);
      shares.set(share, known);
      size += 1;
      return true;
    },
    settle({ share, name }, record) {
      const known = shares.get(share);
      known?.running.delete(name);
      known?.settled.set(name, { record, expiresAt: Date.now() + OUTCOME_TTL_MS });
    },
    release({ share, name }) {
      const known = shares.get(share);
      if (known !== undefined) drop(share, known.running, name);
    },
  };
}
