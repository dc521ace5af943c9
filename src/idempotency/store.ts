/** How long an outcome is kept, in milliseconds: 24 h. */
export const KEEP_MS = 24 * 3_600_000;

/** What is kept of one idempotency key. `outcome` is sealed; it is absent while the write runs. */
export type IdempotencyRecord = {
  /** Who claimed the key: tells a claim whose answer was lost from another's. */
  readonly owner: string;
  /** A keyed hash of operation and input. */
  readonly fingerprint: string;
  /** When the write began, in milliseconds since 1970. */
  readonly startedAt: number;
  readonly outcome?: string;
};

/**
 * Where outcomes of writes are kept by key. Every method rejects where the store cannot be reached.
 */
export type IdempotencyStore = {
  /** Keeps the record if there is none. @returns the record that was there, or null when it was kept. */
  claim(key: string, record: IdempotencyRecord): Promise<IdempotencyRecord | null>;
  read(key: string): Promise<IdempotencyRecord | null>;
  /** Replaces the record of a claimed key. */
  settle(key: string, record: IdempotencyRecord): Promise<void>;
  /** Frees a claimed key: nothing was applied under it. */
  release(key: string): Promise<void>;
};
