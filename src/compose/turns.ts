import { LRUCache } from "lru-cache";

/** Turns of callers at a limited number of places. */
export type CallerTurns = {
  /**
   * Wait for a turn. Callers take turns: each has one at a time, and the one who waits longest since its last
   * turn is next. Short turns go first, but one in four goes to a long one.
   *
   * @returns null if too many are waiting, of this caller or of all
   */
  enter(caller: string, isShort: boolean): Promise<void> | null;
  /** End a turn. @param wasSlow - whether other callers go before this one for some time */
  leave(caller: string, wasSlow: boolean): void;
};

/** How many turns there are. */
export type TurnLimits = {
  readonly places: number;
  /** Turns of one caller that run or wait. */
  readonly perCaller: number;
  /** Turns of all callers that wait. */
  readonly waiting: number;
};

type Turn = { readonly isShort: boolean; start(): void };

type Line = { readonly waiting: Turn[]; isRunning: boolean };

/** How many short turns in a row may go before a long one. */
const SHORT_IN_A_ROW = 3;

/** How long other callers go before one that was slow, in milliseconds. */
const SLOW_MS = 60_000;

/** Create turns. */
export function createCallerTurns({ places, perCaller, waiting: maxWaiting }: TurnLimits): CallerTurns {
  /** The caller that waits longest since its last turn is first. */
  const lines = new Map<string, Line>();
  const slow = new LRUCache<string, true>({ max: 1_000, ttl: SLOW_MS });
  let running = 0;
  let waiting = 0;
  let shortInARow = 0;

  function findNext(): [caller: string, line: Line] | undefined {
    const ready = [...lines].filter(([, line]) => !line.isRunning && line.waiting.length > 0);
    const usual = ready.filter(([caller]) => !slow.has(caller));
    const prefersShort = shortInARow < SHORT_IN_A_ROW;
    return usual.find(([, line]) => line.waiting[0]?.isShort === prefersShort) ?? usual[0] ?? ready[0];
  }

  function startNext(): void {
    while (running < places) {
      const [caller, line] = findNext() ?? [];
      const turn = line?.waiting.shift();
      if (caller === undefined || line === undefined || turn === undefined) return;
      shortInARow = turn.isShort ? shortInARow + 1 : 0;
      line.isRunning = true;
      running += 1;
      waiting -= 1;
      turn.start();
    }
  }

  return {
    enter(caller, isShort) {
      const line = lines.get(caller) ?? { waiting: [], isRunning: false };
      const own = line.waiting.length + (line.isRunning ? 1 : 0);
      if (own >= perCaller || waiting >= maxWaiting) return null;
      const { promise, resolve } = Promise.withResolvers<void>();
      line.waiting.push({ isShort, start: resolve });
      lines.set(caller, line);
      waiting += 1;
      startNext();
      return promise;
    },
    leave(caller, wasSlow) {
      const line = lines.get(caller);
      if (line === undefined) return;
      line.isRunning = false;
      running -= 1;
      if (wasSlow) slow.set(caller, true);
      lines.delete(caller);
      if (line.waiting.length > 0) lines.set(caller, line);
      startNext();
    },
  };
}
