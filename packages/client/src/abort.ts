/*
 * Engines of React Native lack `AbortSignal.any`, `AbortSignal.timeout`, `throwIfAborted` and `DOMException`, so none
 * of them is used.
 */

/** Return what an aborted signal rejects with: its reason or, where the engine knows none, an `AbortError`. */
export function getAbortReason(signal: AbortSignal): unknown {
  if (signal.reason !== undefined) return signal.reason;
  const error = new Error("This operation was aborted.");
  error.name = "AbortError";
  return error;
}

/** Throw if a signal is aborted. */
export function assertNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw getAbortReason(signal);
}

/** Controller that another signal aborts as well. Call `unlink` when it is no longer needed. */
export type LinkedController = { readonly controller: AbortController; unlink(): void };

/** Create a controller that the given signal aborts as well. */
export function createLinkedController(signal: AbortSignal | undefined): LinkedController {
  const controller = new AbortController();
  const abort = () => controller.abort(signal === undefined ? undefined : getAbortReason(signal));
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  return { controller, unlink: () => signal?.removeEventListener("abort", abort) };
}

/** Wait. @throws the reason of the signal when it aborts */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(getAbortReason(signal));
      return;
    }
    const stop = () => {
      clearTimeout(timer);
      if (signal !== undefined) reject(getAbortReason(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Compute the wait before an attempt: half a second at first, doubled each time, with a random part. */
export function computeBackoff(failures: number, maxMs: number): number {
  const ms = Math.min(maxMs, 500 * 2 ** Math.min(failures, 16));
  return ms / 2 + Math.random() * (ms / 2);
}
