import type { Owner } from "../credential.ts";

/** A write with an idempotency key. */
export type KeyedWrite = {
  /** What the key belongs to. Only keyed hashes of its secret are stored. */
  readonly owner: Owner;
  readonly key: string;
  /** Name of the mutation. */
  readonly operation: string;
  /** Input of the mutation, without the key. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Ends the wait of a repeat. */
  readonly signal: AbortSignal;
  /** When a repeat stops waiting, on the clock of `performance.now()`, in milliseconds. */
  readonly deadline: number;
  /** Whether a write that failed with this error may have been applied. */
  readonly mayHaveBeenApplied: (error: unknown) => boolean;
};

/** Keyed hashes of one input. The names of its fields are in plain text. */
export type InputDigests = {
  /** Of the name of the mutation. */
  readonly operation: string;
  /** Of each top-level field that was given, by name. */
  readonly fields: Readonly<Record<string, string>>;
};

/** Stored record of one idempotency key. `outcome` is encrypted; it is absent while the write runs. */
export type IdempotencyRecord = {
  /** Random id of the claim. It identifies a claim of this process whose answer from the store was lost. */
  readonly owner: string;
  /** Keyed hash of operation and input. */
  readonly fingerprint: string;
  /** Absent in records of version 1, which do not name the fields that differ. */
  readonly digests?: InputDigests;
  /** When the write began, in milliseconds since 1970. */
  readonly startedAt: number;
  readonly outcome?: string;
};

/** Store of outcomes by key. Every method rejects when the store cannot be reached. */
export type IdempotencyStore = {
  /** Store the record if the key has none. @returns the existing record; null when this one was stored */
  claim(key: string, record: IdempotencyRecord): Promise<IdempotencyRecord | null>;
  /** Return the record of a key; null when it has none. */
  find(key: string): Promise<IdempotencyRecord | null>;
  /** Replace the record of a claimed key with one that has an outcome. */
  complete(key: string, record: IdempotencyRecord): Promise<void>;
  /** Free a claimed key, because nothing was applied with it. */
  release(key: string): Promise<void>;
};
