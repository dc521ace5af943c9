import { GatewayError } from "../../errors.ts";
import { isTooLarge, isUnreadable, wasNeverSent } from "./retry.ts";
import type { UpstreamRequest } from "./types.ts";

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
  const make = (code: ConstructorParameters<typeof GatewayError>[0], message: string) =>
    new GatewayError(code, message, { cause: error });
  if (isTooLarge(error)) {
    return make("UPSTREAM_MALFORMED", "The REST API's answer is larger than the gateway reads.");
  }
  if (wasNeverSent(error)) {
    return make("UPSTREAM_UNAVAILABLE", "The REST API cannot be reached; nothing was sent.");
  }
  if (request.effect === "write") {
    return make(
      "OUTCOME_UNKNOWN",
      "This write was sent, but its answer did not arrive. It may have been applied: read the CVM before sending it again.",
    );
  }
  if (isUnreadable(error)) return make("UPSTREAM_MALFORMED", "The REST API's answer is not HTTP.");
  const { reason } = signal;
  if (reason instanceof Error && reason.name === "TimeoutError") {
    return make("UPSTREAM_TIMEOUT", "The REST API did not answer in time.");
  }
  return signal.aborted
    ? make("CANCELLED", "The client left before the answer came.")
    : make("UPSTREAM_UNAVAILABLE", "The connection to the REST API broke.");
}
