import { errorMessages } from "../error-messages.ts";
import { GatewayError } from "../errors.ts";
import { describeRedisFailure } from "../redis/failure.ts";

const RETRY_MS = 2_000;

/** Create the error for a write that is refused because Redis cannot be asked for its lock. */
export function createUnreachableError(cause: unknown): GatewayError {
  const message = `The store of locks ${describeRedisFailure(cause)}. ${errorMessages.lockStoreAdvice}`;
  return new GatewayError("LOCK_UNAVAILABLE", message, { retryAfterMs: RETRY_MS, cause });
}

/** Create the error for a write that is refused because an earlier master may have granted the lock. */
export function createPausedError(retryAfterMs: number): GatewayError {
  return new GatewayError("LOCK_UNAVAILABLE", errorMessages.lockPaused, { retryAfterMs });
}

/** Create the error for a write whose lock ended before it was sent. */
export function createLostError(): GatewayError {
  return new GatewayError("LOCK_UNAVAILABLE", errorMessages.lockLost, { retryAfterMs: RETRY_MS });
}
