/** The longest delay of a Node.js timer, in milliseconds. A longer one fires immediately. */
const MAX_TIMER_MS = 2 ** 31 - 1;

type Waiter = { readonly until: number; readonly wake: () => void; timer: NodeJS.Timeout | undefined };

/** The clock of a sandbox. All state is a function of past requests and of this clock. */
export type Clock = {
  readonly timeScale: number;
  /** True once the sandbox is closing. Waiters were woken early. */
  readonly stopped: boolean;
  /** The time of the sandbox, in milliseconds since 1970. Never decreases. */
  now(): number;
  /** Move the clock forward by `ms`, and wake the waiters that are due. */
  advance(ms: number): void;
  /** Resolve when the clock reaches `until` (milliseconds since 1970), or when the signal is aborted. */
  waitUntil(until: number, signal?: AbortSignal): Promise<void>;
  /** Wake all waiters, so that the process can end. */
  stop(): void;
};

/**
 * Start a clock at the real time of day.
 *
 * @param timeScale - speed relative to real time. With 0 only `advance` moves the clock.
 */
export function startClock(timeScale: number): Clock {
  const base = Date.now();
  const startedAt = performance.now();
  const waiters = new Set<Waiter>();
  let advancedMs = 0;
  let stopped = false;

  const now = () => Math.floor(base + advancedMs + (performance.now() - startedAt) * timeScale);

  const schedule = (waiter: Waiter) => {
    clearTimeout(waiter.timer);
    const leftMs = waiter.until - now();
    if (leftMs <= 0) waiter.wake();
    else if (timeScale > 0) {
      waiter.timer = setTimeout(() => schedule(waiter), Math.min(leftMs / timeScale + 1, MAX_TIMER_MS));
    }
  };

  return {
    timeScale,
    get stopped() {
      return stopped;
    },
    now,
    advance(ms) {
      advancedMs += ms;
      for (const waiter of [...waiters]) schedule(waiter);
    },
    waitUntil(until, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const waiter: Waiter = {
        until,
        timer: undefined,
        wake: () => {
          clearTimeout(waiter.timer);
          waiters.delete(waiter);
          signal?.removeEventListener("abort", waiter.wake);
          resolve();
        },
      };
      waiters.add(waiter);
      if (stopped || signal?.aborted) waiter.wake();
      else {
        signal?.addEventListener("abort", waiter.wake);
        schedule(waiter);
      }
      return promise;
    },
    stop() {
      stopped = true;
      for (const waiter of [...waiters]) waiter.wake();
    },
  };
}
