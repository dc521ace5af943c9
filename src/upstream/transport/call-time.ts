import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import type { ConnectionPools } from "./connection-pools.ts";
import type { UpstreamRequest, UpstreamScope } from "./types.ts";

/** The time that one call has. It can end early, and then cancels what the call is waiting for. */
export type CallTime = {
  /** End of the call on the clock of `performance.now()`, in milliseconds. */
  readonly expiresAt: number;
  /** Why the call must end: a `TimeoutError`, or an `AbortError` for a client that left. Null before that. */
  readonly ending: Error | null;
  /** Set the function that cancels the present wait. It replaces the one before. */
  onEnd(cancel: (ending: Error) => void): void;
  /** Stop the timer and forget the client. */
  release(): void;
};

/**
 * Start the time of one call. It ends with a `TimeoutError` when the call has taken too long, and for a read also
 * when the client disconnects or the GraphQL request ends. A write continues without its client.
 *
 * @throws {GatewayError} `CANCELLED` when the GraphQL request has already ended
 */
export function startCallTime(
  { readTimeoutMs, writeTimeoutMs }: ConnectionPools,
  scope: UpstreamScope,
  { effect }: UpstreamRequest,
): CallTime {
  const now = performance.now();
  const remainingMs = scope.deadline - now;
  if (scope.signal.aborted || remainingMs <= 0) {
    throw new GatewayError("CANCELLED", errorMessages.endedBeforeSending);
  }
  const timeoutMs = effect === "write" ? writeTimeoutMs : Math.min(readTimeoutMs, remainingMs);
  let ending: Error | null = null;
  let cancel: ((reason: Error) => void) | null = null;
  const end = (name: string) => {
    if (ending !== null) return;
    ending = new DOMException("", name);
    cancel?.(ending);
  };
  const timer = setTimeout(end, timeoutMs, "TimeoutError");
  const onDisconnect = () => end("AbortError");
  if (effect === "read") scope.signal.addEventListener("abort", onDisconnect, { once: true });
  return {
    expiresAt: now + timeoutMs,
    get ending() {
      return ending;
    },
    onEnd(next) {
      cancel = next;
    },
    release() {
      cancel = null;
      clearTimeout(timer);
      if (effect === "read") scope.signal.removeEventListener("abort", onDisconnect);
    },
  };
}
