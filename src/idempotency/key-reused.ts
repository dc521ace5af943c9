import { z } from "zod";
import { errorCatalog } from "../error-catalog.ts";
import { errorMessages } from "../error-messages.ts";
import { GatewayError } from "../errors.ts";
import { MAX_FIELD_PROBLEMS } from "../limits.ts";
import { listDifferentFields } from "./input-digests.ts";
import { type Outcome, openOutcome } from "./sealed-outcome.ts";
import type { IdempotencyRecord } from "./types.ts";

/** The members of an outcome that say what the write led to. */
const outcomeShape = z.object({
  kind: z.string().nullish(),
  correlationId: z.string().nullish(),
});

/** What the first write led to, as far as its outcome says. */
type FirstWrite = { readonly correlationId: string | null; readonly appliedNothing: boolean };

/** Read what the first write led to. While it runs, nothing is known. */
function readFirstWrite(secret: string, { outcome }: IdempotencyRecord): FirstWrite {
  const unknown = { correlationId: null, appliedNothing: false };
  if (outcome === undefined) return unknown;
  const opened = tryOpen(secret, outcome);
  if (opened === null) return unknown;
  if ("error" in opened) return { ...unknown, correlationId: opened.error.correlationId ?? null };
  const value = outcomeShape.safeParse(opened.value).data;
  return {
    correlationId: value?.correlationId ?? null,
    appliedNothing: value?.kind === "OnChainHashRequired",
  };
}

/** Open an outcome. @returns null if it was sealed with a workspace key that was replaced since */
function tryOpen(secret: string, outcome: string): Outcome<unknown> | null {
  try {
    return openOutcome(secret, outcome);
  } catch {
    return null;
  }
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
  const { correlationId, appliedNothing } = readFirstWrite(secret, first);
  const advice = appliedNothing
    ? errorMessages.keyReusedInSecondPhase
    : correlationId === null
      ? errorMessages.keyReusedReadCvm
      : errorMessages.keyReusedReadOperation;
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
