import type { ErrorCode } from "../../error-catalog.ts";
import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import type { UpstreamRequest } from "../transport/types.ts";
import { isTooLarge, isUnreadable, wasNeverSent } from "./connection-failure.ts";

/**
 * Create the error for a call without a usable answer. The code depends on what the failure proves: nothing was
 * sent, the answer is unreadable, or the outcome of a write is unknown.
 *
 * @param signal - of the call. Its reason distinguishes a timeout from a client that disconnected.
 */
export function toTransportError(
  error: unknown,
  request: UpstreamRequest,
  signal: AbortSignal,
): GatewayError {
  if (error instanceof GatewayError) return error;
  const create = (code: ErrorCode, message?: string) => new GatewayError(code, message, { cause: error });
  if (isTooLarge(error)) return create("UPSTREAM_MALFORMED", errorMessages.replyTooLarge);
  if (wasNeverSent(error)) return create("UPSTREAM_UNAVAILABLE", errorMessages.unreachable);
  if (request.effect === "write") return create("OUTCOME_UNKNOWN", errorMessages.answerLost);
  if (isUnreadable(error)) return create("UPSTREAM_MALFORMED", errorMessages.replyNotHttp);
  const { reason } = signal;
  if (reason instanceof Error && reason.name === "TimeoutError") return create("UPSTREAM_TIMEOUT");
  if (signal.aborted) return create("CANCELLED", errorMessages.clientLeft);
  return create("UPSTREAM_UNAVAILABLE", errorMessages.connectionLost);
}
