/*
 * With the longest waits and all its other arguments, every mutation stays below the default of `MAX_UPSTREAM_CALLS`.
 */

/** A busy CVM is checked every second at first, in milliseconds. */
const BUSY_POLL_MS = 1_000;
const FAST_BUSY_POLLS = 5;
const SLOW_BUSY_POLL_MS = 15_000;

/**
 * Waits before the repeats of a write that only the lock of an earlier operation refused, in milliseconds. The
 * REST API releases the lock about a second after the progress has ended. With the attempts between them they fit
 * into `maxWaitSeconds.lock`.
 */
export const lockDelaysMs: readonly number[] = [1_000, 1_500];

const FIRST_TRANSACTION_DELAY_MS = 500;
const MAX_TRANSACTION_DELAY_MS = 15_000;

/** Return the wait after a number of looks at a busy CVM, in milliseconds. */
export function computeBusyDelay(looks: number): number {
  return looks <= FAST_BUSY_POLLS ? BUSY_POLL_MS : SLOW_BUSY_POLL_MS;
}

/** Return the wait after a number of confirmations without a visible transaction, in milliseconds. */
export function computeTransactionDelay(attempts: number): number {
  return Math.min(MAX_TRANSACTION_DELAY_MS, FIRST_TRANSACTION_DELAY_MS * 2 ** (attempts - 1));
}

/** Count the looks at a busy CVM in a number of seconds. */
export function countBusyLooks(seconds: number): number {
  return countAttempts(seconds, computeBusyDelay);
}

/** Count the repeated confirmations in a number of seconds. */
export function countTransactionRepeats(seconds: number): number {
  return countAttempts(seconds, computeTransactionDelay);
}

function countAttempts(seconds: number, computeDelay: (count: number) => number): number {
  let count = 0;
  for (let leftMs = seconds * 1_000; leftMs > 0; leftMs -= computeDelay(count)) count += 1;
  return count;
}
