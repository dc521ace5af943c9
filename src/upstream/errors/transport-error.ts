import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import type { UpstreamRequest } from "../transport/types.ts";
import { isTooLarge, isUnreadable, wasNeverSent } from "./connection-failure.ts";

/**
 * Makes the error for a call that brought no answer. What the failure proves decides: nothing was sent, the
 * answer cannot be read, or, for a write, nobody knows.
 *
 * @param signal of the call, whose reason tells a timeout from a client that left.
 */
export function toTransportError(
  error: unknown,
  request: UpstreamRequest,
  signal: AbortSignal,
): GatewayError {
  if (error instanceof GatewayError) return error;
  const make = (code: ConstructorParameters<typeof GatewayError>[0], message?: string) =>
    new GatewayError(code, message, { cause: error });
  if (isTooLarge(error)) {
    return make("UPSTREAM_MALFORMED", errorMessages.replyTooLarge);
  }
  if (wasNeverSent(error)) {
    return make("UPSTREAM_UNAVAILABLE", errorMessages.unreachable);
  }
  if (request.effect === "write") {
    return make("OUTCOME_UNKNOWN", errorMessages.answerLost);
  }
  if (isUnreadable(error)) return make("UPSTREAM_MALFORMED", errorMessages.replyNotHttp);
  const { reason } = signal;
  if (reason instanceof Error && reason.name === "TimeoutError") {
    return make("UPSTREAM_TIMEOUT");
  }
  return signal.aborted
    ? make("CANCELLED", errorMessages.clientLeft)
    : make("UPSTREAM_UNAVAILABLE", errorMessages.connectionLost);
}
