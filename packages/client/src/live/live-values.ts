import { computeBackoff, createLinkedController, getAbortReason, sleep } from "../abort.ts";
import { CvmGatewayError } from "../gateway-error.ts";
import { StreamingUnsupported } from "./event-stream.ts";

/** A value, and when to read the next one if no stream works. */
export type Polled<T> = { readonly value: T | null; readonly pollAfterMs: number | null };

/** Where values come from. */
export type LiveSource<T> = {
  /** Open a stream that begins with the present value. */
  stream(signal: AbortSignal): AsyncGenerator<T, void>;
  /** Read the present value. */
  poll(signal: AbortSignal): Promise<Polled<T>>;
  /** Whether no other value follows. */
  isLast(value: T): boolean;
};

/**
 * Limits of following something.
 *
 * @example
 * ```ts
 * for await (const state of client.watch("web", { signal: AbortSignal.timeout(60_000) })) render(state);
 * ```
 */
export type LiveOptions = {
  /** Ends the iteration with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /** How long the gateway may be out of reach before the iteration fails, in milliseconds. 10 minutes by default. */
  readonly maxOfflineMs?: number | undefined;
};

const MAX_OFFLINE_MS = 600_000;
const DEFAULT_POLL_MS = 3_000;
/** Longest wait between two attempts to reach the gateway. */
const MAX_RETRY_MS = 5_000;
/** Longest wait between two attempts to open a stream while polling works. */
const MAX_STREAM_PAUSE_MS = 60_000;

/** Whether an error ends the iteration: asking again would bring the same error. */
function isFinal(error: unknown): boolean {
  return !(error instanceof CvmGatewayError) || !error.retryable;
}

/**
 * Yield the present value and then each change. Opens the stream again when its connection is lost. Where streams do
 * not get through, reads the value again and again instead.
 */
async function* generate<T>(
  { stream, poll, isLast }: LiveSource<T>,
  maxOfflineMs: number,
  signal: AbortSignal,
): AsyncGenerator<T, void> {
  let before: string | undefined;
  let heardAt = Date.now();
  let streamFailures = 0;
  let pollFailures = 0;
  let nextStreamAt = 0;
  const isNew = (value: T) => {
    heardAt = Date.now();
    pollFailures = 0;
    const text = JSON.stringify(value);
    const differs = text !== before;
    before = text;
    return differs;
  };
  const assertReachable = (error: unknown) => {
    if (signal.aborted) throw getAbortReason(signal);
    if (isFinal(error) || Date.now() - heardAt > maxOfflineMs) throw error;
  };

  for (;;) {
    if (Date.now() >= nextStreamAt) {
      let hasWorked = false;
      try {
        for await (const value of stream(signal)) {
          hasWorked = true;
          if (isNew(value)) yield value;
          if (isLast(value)) return;
        }
      } catch (error) {
        if (error instanceof StreamingUnsupported) streamFailures = Number.POSITIVE_INFINITY;
        else assertReachable(error);
      }
      streamFailures = hasWorked ? 0 : streamFailures + 1;
      nextStreamAt = Date.now() + (hasWorked ? 0 : computeBackoff(streamFailures, MAX_STREAM_PAUSE_MS));
      if (streamFailures === Number.POSITIVE_INFINITY) nextStreamAt = streamFailures;
      if (hasWorked) {
        await sleep(100 + Math.random() * 200, signal);
        continue;
      }
    }
    let wait = DEFAULT_POLL_MS;
    try {
      const { value, pollAfterMs } = await poll(signal);
      heardAt = Date.now();
      if (value !== null) {
        if (isNew(value)) yield value;
        if (isLast(value)) return;
      }
      wait = pollAfterMs ?? DEFAULT_POLL_MS;
    } catch (error) {
      assertReachable(error);
      pollFailures += 1;
      const asked = error instanceof CvmGatewayError ? (error.retryAfterMs ?? 0) : 0;
      wait = Math.max(asked, computeBackoff(pollFailures - 1, MAX_RETRY_MS));
    }
    await sleep(wait, signal);
  }
}

/**
 * Iterate over the values of a source. The iteration can be left at any time: `return` also ends a `next` that waits.
 */
export function iterateLive<T>(source: LiveSource<T>, options: LiveOptions): AsyncIterableIterator<T> {
  const { controller, unlink } = createLinkedController(options.signal);
  const values = generate(source, options.maxOfflineMs ?? MAX_OFFLINE_MS, controller.signal);
  let hasLeft = false;
  return {
    async next() {
      try {
        const result = await values.next();
        if (result.done) unlink();
        return result;
      } catch (error) {
        unlink();
        if (hasLeft) return { done: true, value: undefined };
        throw error;
      }
    },
    async return() {
      hasLeft = true;
      unlink();
      controller.abort();
      await values.return().catch(() => undefined);
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
