import { assertNotAborted, computeBackoff, sleep } from "../abort.ts";
import { CvmGatewayError } from "../gateway-error.ts";

/** Longest wait between two attempts, in milliseconds. */
const MAX_RETRY_MS = 10_000;

/**
 * Run a read until it succeeds. Repeats it after errors that can pass, as long as the gateway may be out of reach.
 *
 * @throws the first error that is not retryable; the last one when the time is over; the reason of the signal
 */
export async function persist<T>(
  signal: AbortSignal | undefined,
  maxOfflineMs: number,
  read: () => Promise<T>,
): Promise<T> {
  const end = Date.now() + maxOfflineMs;
  for (let failures = 0; ; failures += 1) {
    try {
      return await read();
    } catch (error) {
      assertNotAborted(signal);
      if (!(error instanceof CvmGatewayError) || !error.retryable) throw error;
      const wait = Math.max(error.retryAfterMs ?? 0, computeBackoff(failures, MAX_RETRY_MS));
      if (Date.now() + wait > end) throw error;
      await sleep(wait, signal);
    }
  }
}
