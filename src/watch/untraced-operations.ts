import { LRUCache } from "lru-cache";
import { type Credential, nameOwner } from "../credential.ts";
import { GatewayError } from "../errors.ts";

/** How long an operation may have no trace, in poll intervals: one minute at the default interval. */
const MAX_UNTRACED_INTERVALS = 30;

/** The same at a very short interval, in milliseconds. A new operation needs a moment to become visible. */
const MIN_UNTRACED_MS = 3_000;

/** The most operations that are remembered. The one that was looked for least recently is dropped first. */
const MAX_OPERATIONS = 10_000;

/** An operation that a caller follows, by polling or in a stream. */
type FollowedOperation = {
  readonly caller: Credential | null;
  /** Resolved id of the CVM. */
  readonly cvmId: string;
  readonly correlationId: string;
};

/**
 * The operations of which the REST API shows no trace, with the time since when. One process remembers them, so
 * that following an id that does not exist ends.
 */
export type UntracedOperations = {
  /**
   * Record that the history, the live state and the CVM were read and do not show the operation.
   *
   * @throws {GatewayError} `NOT_FOUND` if that has been so for a minute at the default poll interval
   */
  note(operation: FollowedOperation): void;
  /** Forget an operation, because there is a trace of it. */
  forget(operation: FollowedOperation): void;
};

/** Create an empty {@link UntracedOperations}. @param intervalMs - milliseconds between two polls of a stream */
export function createUntracedOperations(intervalMs: number): UntracedOperations {
  const limitMs = Math.max(MIN_UNTRACED_MS, MAX_UNTRACED_INTERVALS * intervalMs);
  const firstNoted = new LRUCache<string, number>({ max: MAX_OPERATIONS });
  return {
    note(operation) {
      const key = createKey(operation);
      const now = performance.now();
      const since = firstNoted.get(key) ?? now;
      firstNoted.set(key, since);
      if (now - since >= limitMs) throw createUntracedError(limitMs);
    },
    forget(operation) {
      if (firstNoted.size > 0) firstNoted.delete(createKey(operation));
    },
  };
}

function createUntracedError(limitMs: number): GatewayError {
  const seconds = Math.round(limitMs / 1_000);
  const message = `The REST API has shown no trace of this operation for ${seconds} seconds. Check cvmId and correlationId. To see whether a write was applied, read the CVM.`;
  return new GatewayError("NOT_FOUND", message);
}

function createKey({ caller, cvmId, correlationId }: FollowedOperation): string {
  return `${caller === null ? "" : nameOwner(caller)} ${cvmId} ${correlationId}`;
}
