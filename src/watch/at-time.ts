/** The longest time of one timer of Node.js, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Call a function at a time, or now if the time is over.
 *
 * @param time - in milliseconds since 1970
 * @returns a function that cancels the call
 */
export function callAtTime(time: number, run: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const arm = () => {
    const leftMs = time - Date.now();
    if (leftMs <= 0) return run();
    timer = setTimeout(arm, Math.min(leftMs, MAX_TIMER_MS));
  };
  arm();
  return () => clearTimeout(timer);
}
