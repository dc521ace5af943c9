import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import type { ConnectionPools } from "./connection-pools.ts";
import type { RequestSignal, UpstreamRequest, UpstreamScope } from "./types.ts";

/**
 * Open the abort signal of one call. It fires with a `TimeoutError` when the time of the call ends, and for a
 * read also when the client disconnects or the GraphQL request ends. A write continues without its client.
 *
 * @throws {GatewayError} `CANCELLED` when the GraphQL request has already ended
 */
export function openRequestSignal(
  { readTimeoutMs, writeTimeoutMs }: ConnectionPools,
  scope: UpstreamScope,
  { effect }: UpstreamRequest,
): RequestSignal {
  const remainingMs = scope.deadline - performance.now();
  if (scope.signal.aborted || remainingMs <= 0) {
    throw new GatewayError("CANCELLED", errorMessages.endedBeforeSending);
  }
  const timeoutMs = effect === "write" ? writeTimeoutMs : Math.min(readTimeoutMs, remainingMs);
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException("", "TimeoutError")), timeoutMs);
  const onDisconnect = () => controller.abort(new DOMException("", "AbortError"));
  if (effect === "read") scope.signal.addEventListener("abort", onDisconnect, { once: true });
  return {
    signal: controller.signal,
    expiresAt: performance.now() + timeoutMs,
    release() {
      clearTimeout(timer);
      scope.signal.removeEventListener("abort", onDisconnect);
    },
  };
}

/**
 * Reject as soon as the signal fires. While undici is still connecting, it only notices an abort once the
 * connection is open or has failed. It does not send such a request any more.
 */
export async function untilAborted<T>(pending: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([pending, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    pending.catch(() => undefined);
  }
}
