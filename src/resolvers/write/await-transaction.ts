import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../../context.ts";
import { createInputError, GatewayError } from "../../errors.ts";

const MAX_SECONDS = 60;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 5_000;

/** Left of the request's time for the last attempt to be sent and answered, milliseconds. */
const RESERVE_MS = 1_000;

/** A wait that is cut shorter than this is not worth another attempt, milliseconds. */
const MIN_DELAY_MS = 50;

/** How long a second phase waits for its transaction, in seconds; null stands for "not given". */
export type WaitInput = { readonly waitForTransactionSeconds?: number | null | undefined };

/** 467: the node that the REST API asks does not show the transaction, or not yet. */
function isUnverified(error: unknown): error is GatewayError {
  return error instanceof GatewayError && error.upstream?.status === 467;
}

/** What the next attempt waits, milliseconds: doubled each time, and no less than the REST API asks for. */
function computeDelay(attempt: number, retryAfterMs = 0): number {
  return Math.max(retryAfterMs, Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1)));
}

/**
 * Sends a second phase, and sends it again while the REST API does not see its transaction. It repeats a 467
 * and nothing else: the REST API verifies before it does anything, so a 467 proves that nothing was
 * applied. After every other outcome, an unknown one above all, there is no second send.
 *
 * @param seconds - how long, 0 to 60; 0 or nothing sends once. The request's own deadline ends it earlier
 * @param send - the second phase; called once per attempt
 * @throws {GatewayError} `BAD_USER_INPUT` before anything is sent; the last `TRANSACTION_NOT_VERIFIED`;
 *   `CANCELLED` when the client leaves between two attempts; whatever `send` throws otherwise
 */
export async function awaitTransaction<Result>(
  ctx: Pick<Context, "signal" | "deadline">,
  seconds: number | null | undefined,
  send: () => Promise<Result>,
): Promise<Result> {
  const wanted = seconds ?? 0;
  if (wanted < 0 || wanted > MAX_SECONDS) {
    const message = `Expected 0 to ${MAX_SECONDS}.`;
    throw createInputError([{ path: "input.waitForTransactionSeconds", message }]);
  }
  const end = Math.min(performance.now() + wanted * 1_000, ctx.deadline - RESERVE_MS);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      if (!isUnverified(error)) throw error;
      const leftMs = end - performance.now();
      const waitMs = Math.min(computeDelay(attempt, error.retryAfterMs), leftMs);
      if (waitMs < Math.max(MIN_DELAY_MS, error.retryAfterMs ?? 0)) throw error;
      await pause(ctx.signal, waitMs);
    }
  }
}

async function pause(signal: AbortSignal, ms: number): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    const message = "The client left before the transaction was verified; nothing was applied.";
    throw new GatewayError("CANCELLED", message, { cause: error });
  }
}
