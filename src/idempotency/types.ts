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
  /** The same for the end of the caller's token, in milliseconds since 1970. Null for a caller without a token. */
  readonly expiresAt: number | null;
  /** Whether the write is also sent, without its key, while the store cannot be used. */
  readonly isEmergency: boolean;
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
  /** Random id of the claim. Only its owner changes or deletes a record. */
  readonly owner: string;
  /**
   * Whether the write may have been sent. A record that is only claimed is free when its process ends; a write that
   * may have been sent has an unknown outcome then. Absent before version 3, which did not distinguish them.
   */
  readonly state?: "claimed" | "sending";
  /** Keyed hash of operation and input. */
  readonly fingerprint: string;
  /** Absent in records of version 1, which do not name the fields that differ. */
  readonly digests?: InputDigests;
  /** When the write began, in milliseconds since 1970. */
  readonly startedAt: number;
  readonly outcome?: string;
};

/** Where the record of a key is kept. */
export type RecordPlace = {
  /** Name of the key. No two credentials have the same. */
  readonly name: string;
  /** Name of the credential, whose keys share a limited number of places. */
  readonly share: string;
};

/** The record of a key as a repeat finds it. */
export type FoundRecord = {
  readonly record: IdempotencyRecord;
  /** Whether the process of a running write has sent no heartbeat for the time of its lease. */
  readonly orphaned: boolean;
};

/** A key that one write of this process holds. The key stays reserved until the write settles or releases it. */
export type Claim = {
  /**
   * Record that the write is going to be sent. Nothing may be sent before.
   *
   * @returns false when the claim was lost. The write must not be sent.
   */
  markSending(): Promise<boolean>;
  /** Keep the outcome. Never rejects: an outcome that cannot be stored now is stored in the background. */
  settle(outcome: string): Promise<void>;
  /** Free the key, because nothing was applied with it. Never rejects, like `settle`. */
  release(): Promise<void>;
};

/** Store of outcomes by key. `claim` and `find` reject when the store cannot be used. */
export type IdempotencyStore = {
  /**
   * Claim a key that has no record.
   *
   * @returns the claim, or the record that the key already has
   * @throws {GatewayError} `RATE_LIMITED` when there is no room for another record
   */
  claim(
    place: RecordPlace,
    record: IdempotencyRecord,
  ): Promise<{ readonly claim: Claim } | { readonly known: IdempotencyRecord }>;
  /** Return the record of a key; null when it has none. */
  find(place: RecordPlace): Promise<FoundRecord | null>;
  /** Stop everything that runs in the background. */
  close(): void;
};
