import { MAX_LOGGED_NAME_CHARACTERS } from "../../limits.ts";
import type { Logger } from "../../logger.ts";
import type { EndedOperation } from "./ended-operation.ts";

/**
 * Log one line for a request: the name and the kind of its operation, the time until its result or stream was
 * available, and its error codes. For a request that was rejected before it ran, log the codes alone.
 */
export function logOperation(
  log: Logger,
  { facts: { id: requestId }, operation, executed, durationMs, codes }: EndedOperation,
): void {
  const failed = codes.length === 0 ? undefined : codes;
  if (!executed) {
    log.info({ requestId, codes: failed }, "refused");
    return;
  }
  const line = {
    requestId,
    operationName: operation?.name?.value.slice(0, MAX_LOGGED_NAME_CHARACTERS),
    operationType: operation?.operation,
    durationMs: Math.round(durationMs),
    codes: failed,
  };
  log.info(line, "operation");
}
