import { computePollDelay } from "./poll-pace.ts";

/** Result of one poll. `retryAfterMs` is the wait that the REST API asked for; 0 when it named none. */
export type PollResult =
  | { readonly failed: false }
  | { readonly failed: true; readonly retryAfterMs: number };

/** What a timer needs to know about the watch that it serves. */
export type PollTimerOptions = {
  /** Milliseconds between two polls. */
  readonly intervalMs: number;
  /** Whether new subscribers are about to join, so that it pays to wait for them. */
  isGathering(): boolean;
  /** Whether there is anything to poll for. */
  hasWork(): boolean;
  poll(): Promise<PollResult>;
};

/** Decides when a watch polls. */
export type PollTimer = {
  /** Number of the last poll. */
  readonly tick: number;
  readonly isPolling: boolean;
  /** Poll as soon as possible. After a failure, keep to the backoff. */
  pollSoon(): void;
  /** Return to the normal interval, because something has changed. */
  noteNews(): void;
  /** Bring a poll forward to one interval after the last one, if it was planned for later. */
  shorten(ageMs: number): void;
  /** Wait until something asks for a poll. */
  pause(): void;
  /** Stop for good. */
  stop(): void;
};

/** How long a requested poll waits for other requests, in milliseconds. */
const GATHER_MS = 5;

/** How many times a poll waits again while new subscribers are about to join. */
const GATHER_ROUNDS = 10;

/** Create the timer of a watch. It starts with the first {@link PollTimer.pollSoon}. */
export function createPollTimer({ intervalMs, isGathering, hasWork, poll }: PollTimerOptions): PollTimer {
  let timer: NodeJS.Timeout | undefined;
  let nextAt = Number.POSITIVE_INFINITY;
  let tick = 0;
  let isPolling = false;
  let pollAgain = false;
  let isStopped = false;
  let gatherRounds = 0;
  let pace = { failures: 0, unchanged: 0, retryAfterMs: 0 };

  function schedule(delayMs: number): void {
    if (isStopped) return;
    clearTimeout(timer);
    nextAt = performance.now() + delayMs;
    timer = setTimeout(run, delayMs);
  }

  async function run(): Promise<void> {
    if (isGathering() && gatherRounds < GATHER_ROUNDS) {
      gatherRounds += 1;
      schedule(GATHER_MS);
      return;
    }
    gatherRounds = 0;
    isPolling = true;
    pollAgain = false;
    tick += 1;
    pace = { ...pace, unchanged: pace.unchanged + 1 };
    const result = await poll();
    pace = result.failed
      ? { ...pace, failures: pace.failures + 1, retryAfterMs: result.retryAfterMs }
      : { ...pace, failures: 0, retryAfterMs: 0 };
    isPolling = false;
    if (hasWork()) schedule(pollAgain && !result.failed ? GATHER_MS : computePollDelay(intervalMs, pace));
  }

  function noteNews(): void {
    pace = { ...pace, unchanged: 0 };
  }

  return {
    get tick() {
      return tick;
    },
    get isPolling() {
      return isPolling;
    },
    noteNews,
    pollSoon() {
      noteNews();
      if (isPolling) pollAgain = true;
      else if (pace.failures === 0 || nextAt === Number.POSITIVE_INFINITY) schedule(GATHER_MS);
    },
    shorten(ageMs) {
      noteNews();
      const isLate = nextAt - performance.now() > intervalMs;
      if (!isPolling && isLate) schedule(Math.max(GATHER_MS, intervalMs - ageMs));
    },
    pause() {
      clearTimeout(timer);
      nextAt = Number.POSITIVE_INFINITY;
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
