import { errorCatalog } from "../error-catalog.ts";
import { errorMessages } from "../error-messages.ts";
import { GatewayError } from "../errors.ts";
import { MAX_FIELD_PROBLEMS } from "../limits.ts";
import { listDifferentFields } from "./input-digests.ts";
import { openOutcome } from "./sealed-outcome.ts";
import type { IdempotencyRecord } from "./types.ts";

/** Find the operation that the first write started. Null while it runs, and when its outcome names none. */
function findCorrelationId(secret: string, { outcome }: IdempotencyRecord): string | null {
  if (outcome === undefined) return null;
  const opened = openOutcome(secret, outcome);
  if ("error" in opened) return opened.error.correlationId ?? null;
  const { value } = opened;
  const id =
    typeof value === "object" && value !== null && "correlationId" in value ? value.correlationId : null;
  return typeof id === "string" ? id : null;
}

/** List the input fields that differ from the first write. Null for a record that does not name them. */
function listFields(first: IdempotencyRecord, repeat: IdempotencyRecord): string[] | null {
  if (first.digests === undefined || repeat.digests === undefined) return null;
  return listDifferentFields(first.digests, repeat.digests).slice(0, MAX_FIELD_PROBLEMS);
}

/**
 * Create the error for a key that was used before with other input. It names the operation of the first write
 * and the fields that differ, because the difference can be one that the client did not intend: an environment
 * that is encrypted again has other bytes.
 */
export function createKeyReusedError(
  secret: string,
  first: IdempotencyRecord,
  repeat: IdempotencyRecord,
): GatewayError {
  const correlationId = findCorrelationId(secret, first);
  const advice =
    correlationId === null ? errorMessages.keyReusedReadCvm : errorMessages.keyReusedReadOperation;
  const details = correlationId === null ? {} : { correlationId };
  const create = (message: string, more = {}) =>
    new GatewayError("IDEMPOTENCY_KEY_REUSED", `${message} ${advice}`, { ...details, ...more });

  const otherMutation = first.digests !== undefined && first.digests.operation !== repeat.digests?.operation;
  if (otherMutation) return create(errorMessages.keyReusedByOtherMutation);
  const { message } = errorCatalog.IDEMPOTENCY_KEY_REUSED;
  const paths = listFields(first, repeat)?.map((name) => `input.${name}`) ?? [];
  if (paths.length === 0) return create(message);
  const fields = paths.map((path) => ({ path, message: errorMessages.keyReusedFieldDiffers }));
  return create(`${message} These fields differ: ${paths.join(", ")}.`, { fields });
}
