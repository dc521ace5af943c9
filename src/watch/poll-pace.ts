/** How a watch has fared lately. */
export type WatchPace = {
  /** Polls in a row that failed. */
  readonly failures: number;
  /** Polls in a row that brought nothing new. */
  readonly unchanged: number;
  /** What the REST API asked to wait, milliseconds. */
  readonly retryAfterMs: number;
};

/** Polls without news after which the interval grows: a minute at the default interval. */
const UNCHANGED_LIMIT = 30;

/** How many intervals lie between two polls at most: 15 s at the default interval. */
const MAX_STRETCH = 7.5;

/** The longest wait after failures, in intervals: a minute at the default interval. */
const MAX_BACKOFF = 30;

/**
 * How long to wait before the next poll, milliseconds. After failures the wait doubles, and up to half of
 * it is random, so that many gateways do not come back together.
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
