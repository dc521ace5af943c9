/** The longest delay that a Node timer takes, milliseconds; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

type Waiter = { readonly until: number; readonly wake: () => void; timer: NodeJS.Timeout | undefined };

/** The one time of a sandbox. Every state in it is a function of what happened and of this clock. */
export type Clock = {
  readonly timeScale: number;
  /** True once the sandbox ends; waiters have been woken before their time. */
  readonly stopped: boolean;
  /** Milliseconds since 1970, on the sandbox's time line. Never goes back. */
  now(): number;
  /** Moves the clock forward by `ms` and wakes everybody whose time has come. */
  advance(ms: number): void;
  /** Resolves once the clock has reached `until` (milliseconds since 1970), or the signal is aborted. */
  waitUntil(until: number, signal?: AbortSignal): Promise<void>;
  /** Wakes all waiters, so that the process can end. */
  stop(): void;
};

/**
 * Starts a clock at the real time of day.
 *
 * @param timeScale - how many times faster than real time; 0 stands still and moves by `advance` alone
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
