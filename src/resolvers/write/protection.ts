import type { Context } from "../../context.ts";
import { createInputError } from "../../errors.ts";
import { MAX_IDEMPOTENCY_KEY_CHARACTERS, maxWaitSeconds } from "../../limits.ts";
import type { WriteInput } from "../../schema/input/write.ts";

/** What protects a write from being sent twice, too early or over a newer configuration. Times in milliseconds. */
export type Protection = {
  readonly idempotencyKey: string | null;
  readonly expectedVersion: string | null;
  readonly waitIfBusyMs: number;
  readonly waitForTransactionMs: number;
};

/** An input with the fields that protect its write. */
export type ProtectedInput = WriteInput & {
  readonly waitForTransactionSeconds?: number;
  /** Bare hex. */
  readonly composeHash?: string;
  /** Bare hex. */
  readonly transactionHash?: string;
};

/** Parse the fields of an input that protect the write. @throws {GatewayError} `BAD_USER_INPUT` */
export function parseProtection(ctx: Context, input: ProtectedInput): Protection {
  return {
    idempotencyKey: parseKey(ctx.idempotencyKey, input.idempotencyKey ?? null),
    expectedVersion: input.expectedVersion ?? null,
    waitIfBusyMs: parseWait("waitIfBusySeconds", input.waitIfBusySeconds, maxWaitSeconds.busyCvm),
    waitForTransactionMs: parseWait(
      "waitForTransactionSeconds",
      input.waitForTransactionSeconds,
      maxWaitSeconds.transaction,
    ),
  };
}

function parseKey(header: string | null, field: string | null): string | null {
  if (header !== null && field !== null && header !== field) {
    throw createKeyError("It differs from the Idempotency-Key header. Send only one of the two.");
  }
  const key = field ?? header;
  if (key !== null && (key.length === 0 || key.length > MAX_IDEMPOTENCY_KEY_CHARACTERS)) {
    throw createKeyError(`Expected 1 to ${MAX_IDEMPOTENCY_KEY_CHARACTERS} characters.`);
  }
  return key;
}

function createKeyError(message: string) {
  return createInputError([{ path: "input.idempotencyKey", message }]);
}

function parseWait(name: string, seconds = 0, max: number): number {
  if (seconds >= 0 && seconds <= max) return seconds * 1_000;
  throw createInputError([{ path: `input.${name}`, message: `Expected 0 to ${max}.` }]);
}
