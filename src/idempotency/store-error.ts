import { errorMessages } from "../error-messages.ts";
import { GatewayError } from "../errors.ts";
import { describeRedisFailure } from "../redis/failure.ts";

/** Thrown for a record of the store that the gateway cannot read. */
export class DamagedRecordError extends Error {
  override readonly name = "DamagedRecordError";
  constructor(options?: ErrorOptions) {
    super("The record of an idempotency key is damaged.", options);
  }
}

/** Describe why the store of idempotency keys failed, as the end of a sentence that begins with its name. */
export function describeStoreFailure(error: unknown): string {
  return error instanceof DamagedRecordError || isOtherType(error)
    ? "has a damaged record for this key"
    : describeRedisFailure(error);
}

/** Whether Redis has a value of another type, such as a list, under the name of a record. */
function isOtherType(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("WRONGTYPE");
}

/** Create the error for a write that is refused before it is sent, because the store cannot be used. */
export function createStoreError(cause: unknown): GatewayError {
  if (cause instanceof DamagedRecordError || isOtherType(cause)) {
    return new GatewayError("UPSTREAM_UNAVAILABLE", errorMessages.idempotencyRecordDamaged, {
      retryable: false,
      cause,
    });
  }
  const message = `The store of idempotency keys ${describeStoreFailure(cause)}. ${errorMessages.idempotencyStoreAdvice}`;
  return new GatewayError("UPSTREAM_UNAVAILABLE", message, { cause });
}
