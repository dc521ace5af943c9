/** Turns of the operations of one socket. */
export type Turns = {
  /** Wait for a turn. It never resolves after `close`. */
  enter(): Promise<void>;
  /** Give a turn back, or pass it on to the operation that waits longest. */
  leave(): void;
  /** Forget the operations that wait. */
  close(): void;
};

/** Create turns for `max` operations at the same time. `onWait` is called when one waits, `onFree` when none does. */
export function createTurns(max: number, onWait: () => void, onFree: () => void): Turns {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    async enter() {
      if (running < max) {
        running += 1;
        return;
      }
      if (waiting.length === 0) onWait();
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    leave() {
      const next = waiting.shift();
      if (next === undefined) {
        running -= 1;
        return;
      }
      // Other sockets and requests run between the operations of this one.
      setImmediate(next);
      if (waiting.length === 0) onFree();
    },
    close() {
      waiting.length = 0;
    },
  };
}
