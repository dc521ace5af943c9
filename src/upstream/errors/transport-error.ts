import type { ErrorCode } from "../../error-catalog.ts";
import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import type { UpstreamRequest } from "../transport/types.ts";
import { isTooLarge, isUnreadable, wasNeverSent } from "./connection-failure.ts";

/**
 * Create the error for a call without a usable answer. The code depends on what the failure proves: nothing was
 * sent, the answer is unreadable, or the outcome of a write is unknown.
 *
 * @param ending - why the call had to end: a timeout or a client that disconnected. Null if it did not.
 */
export function toTransportError(
  error: unknown,
  request: UpstreamRequest,
  ending: Error | null,
): GatewayError {
  if (error instanceof GatewayError) return error;
  const create = (code: ErrorCode, message?: string) => new GatewayError(code, message, { cause: error });
  if (isTooLarge(error)) return create("UPSTREAM_MALFORMED", errorMessages.replyTooLarge);
  if (wasNeverSent(error)) return create("UPSTREAM_UNAVAILABLE", errorMessages.unreachable);
  if (request.effect === "write") return create("OUTCOME_UNKNOWN", errorMessages.answerLost);
  if (isUnreadable(error)) return create("UPSTREAM_MALFORMED", errorMessages.replyNotHttp);
  if (ending?.name === "TimeoutError") return create("UPSTREAM_TIMEOUT");
  if (ending !== null) return create("CANCELLED", errorMessages.clientLeft);
  return create("UPSTREAM_UNAVAILABLE", errorMessages.connectionLost);
}
