/** Recent results of the polls of a watch. */
export type WatchPace = {
  /** Number of consecutive polls that failed. */
  readonly failures: number;
  /** Number of consecutive polls without a change. */
  readonly unchanged: number;
  /** Wait that the REST API asked for, in milliseconds. */
  readonly retryAfterMs: number;
};

/** Number of polls without a change after which the interval grows: one minute at the default interval. */
const UNCHANGED_LIMIT = 30;

/** Longest pause between two polls without a change, in intervals: 15 s at the default interval. */
const MAX_STRETCH = 7.5;

/** Longest wait after failures, in intervals: one minute at the default interval. */
const MAX_BACKOFF = 30;

/**
 * Compute the delay before the next poll, in milliseconds. After failures the delay doubles, and up to half of
 * it is random. The random part keeps many gateways from returning at the same moment.
 */
export function computePollDelay(
  intervalMs: number,
  { failures, unchanged, retryAfterMs }: WatchPace,
): number {
  if (failures > 0) {
    const backoff = intervalMs * Math.min(2 ** failures, MAX_BACKOFF);
    return Math.max(retryAfterMs, backoff * (1 - Math.random() / 2));
  }
  return intervalMs * Math.min(2 ** Math.max(0, unchanged - UNCHANGED_LIMIT), MAX_STRETCH);
}
