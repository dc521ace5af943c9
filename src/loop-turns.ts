/** Waits until the event loop has served other requests. */
export type LoopTurns = () => Promise<void>;

/**
 * Create the turns of one operation, whose fields run in parallel. A field that computes for some time takes a turn
 * first, so that the loop serves other requests between the computations of two fields.
 */
export function createLoopTurns(): LoopTurns {
  let last: Promise<void> = Promise.resolve();
  return () => {
    last = last.then(() => new Promise((resolve) => setImmediate(resolve)));
    return last;
  };
}
