/** A write with an idempotency key. */
export type KeyedWrite = {
  /** Secret of the credential that the key belongs to. Only keyed hashes of it are stored. */
  readonly secret: string;
  readonly key: string;
  /** Name of the mutation. */
  readonly operation: string;
  readonly input: unknown;
  /** Ends the wait of a repeat. */
  readonly signal: AbortSignal;
  /** When a repeat stops waiting, on the clock of `performance.now()`, in milliseconds. */
  readonly deadline: number;
  /** Whether a write that failed with this error may have been applied. */
  readonly mayHaveBeenApplied: (error: unknown) => boolean;
};

/** Stored record of one idempotency key. `outcome` is encrypted; it is absent while the write runs. */
export type IdempotencyRecord = {
  /** Random id of the claim. It identifies a claim of this process whose answer from the store was lost. */
  readonly owner: string;
  /** Keyed hash of operation and input. */
  readonly fingerprint: string;
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
