import { LRUCache } from "lru-cache";

/** Turns of callers at a limited number of places. */
export type CallerTurns = {
  /**
   * Wait for a turn. Callers take turns: each has one at a time. The turn with the lowest rank is next, and of two with
   * the same rank that of the caller who waits longest since its last turn. One turn in four goes to the caller who
   * waits longest, whatever its rank.
   *
   * @returns null if too many are waiting, of this caller or of all. Resolves to false if it was given up for a turn
   * with a lower rank.
   */
  enter(caller: string, rank: number): Promise<boolean> | null;
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

type Turn = { readonly rank: number; end(hasStarted: boolean): void };

type Line = { readonly waiting: Turn[]; isRunning: boolean };

/** How many turns in a row may go before that of the caller who waits longest. */
const PREFERRED_IN_A_ROW = 3;

/** How long other callers go before one that was slow, in milliseconds. */
const SLOW_MS = 60_000;

/** Create turns. */
export function createCallerTurns({ places, perCaller, waiting: maxWaiting }: TurnLimits): CallerTurns {
  /** The caller that waits longest since its last turn is first. */
  const lines = new Map<string, Line>();
  const slow = new LRUCache<string, true>({ max: 1_000, ttl: SLOW_MS });
  let running = 0;
  let waiting = 0;
  let preferredInARow = 0;

  function findNext(): [caller: string, line: Line] | undefined {
    const ready = [...lines].filter(([, line]) => !line.isRunning && line.waiting.length > 0);
    const usual = ready.filter(([caller]) => !slow.has(caller));
    const [longest = ready[0]] = usual;
    const rankOf = ([, line]: [string, Line]) => line.waiting[0]?.rank ?? 0;
    const [preferred] = usual.toSorted((one, two) => rankOf(one) - rankOf(two));
    if (preferred === undefined || preferred === longest || preferredInARow >= PREFERRED_IN_A_ROW) {
      preferredInARow = 0;
      return longest;
    }
    preferredInARow += 1;
    return preferred;
  }

  function startNext(): void {
    while (running < places) {
      const [caller, line] = findNext() ?? [];
      const turn = line?.waiting.shift();
      if (caller === undefined || line === undefined || turn === undefined) return;
      line.isRunning = true;
      running += 1;
      waiting -= 1;
      turn.end(true);
    }
  }

  /** Give up the last waiting turn of the highest rank above `rank`. @returns whether there is one */
  function giveUp(rank: number): boolean {
    const turns = [...lines].flatMap(([caller, line]) =>
      line.waiting.map((turn) => ({ caller, line, turn })),
    );
    const [last] = turns
      .filter(({ turn }) => turn.rank > rank)
      .reverse()
      .toSorted((one, two) => two.turn.rank - one.turn.rank);
    if (last === undefined) return false;
    const { caller, line, turn } = last;
    line.waiting.splice(line.waiting.indexOf(turn), 1);
    if (line.waiting.length === 0 && !line.isRunning) lines.delete(caller);
    waiting -= 1;
    turn.end(false);
    return true;
  }

  return {
    enter(caller, rank) {
      const line = lines.get(caller) ?? { waiting: [], isRunning: false };
      const own = line.waiting.length + (line.isRunning ? 1 : 0);
      if (own >= perCaller || (waiting >= maxWaiting && !giveUp(rank))) return null;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      line.waiting.push({ rank, end: resolve });
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
