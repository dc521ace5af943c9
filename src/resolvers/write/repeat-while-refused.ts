import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../../context.ts";
import { GatewayError } from "../../errors.ts";
import type { Protection } from "./protection.ts";
import { computeBusyDelay, computeTransactionDelay } from "./wait-schedule.ts";

/** Time of the request that stays for the last attempt to be sent and answered, in milliseconds. */
const RESERVE_MS = 1_000;

/** A shorter wait is not worth another attempt, in milliseconds. */
const MIN_DELAY_MS = 50;

type Request = Pick<Context, "signal" | "deadline">;

/**
 * Run a write, and run it again while the REST API refuses it for a reason that passes: another operation is
 * running (409), or the registration is not visible yet (465, 467, 468). These refusals prove that nothing was
 * applied.
 * After every other outcome, and above all after an unknown one, there is no second attempt.
 *
 * @throws {GatewayError} the last refusal when the time to wait is over; `CANCELLED` when the client leaves
 *   while waiting; every other error of `attempt`
 */
export async function repeatWhileRefused<Outcome>(
  request: Request,
  { waitIfBusyMs, waitForTransactionMs }: Pick<Protection, "waitIfBusyMs" | "waitForTransactionMs">,
  attempt: () => Promise<Outcome>,
): Promise<Outcome> {
  const start = performance.now();
  const busyUntil = start + waitIfBusyMs;
  const transactionUntil = Math.min(start + waitForTransactionMs, request.deadline - RESERVE_MS);
  for (let busy = 0, unverified = 0; ; ) {
    try {
      return await attempt();
    } catch (error) {
      if (isBusy(error)) {
        busy += 1;
        const waitMs = computeBusyDelay(busy);
        if (performance.now() + waitMs > busyUntil) throw error;
        await pause(request, waitMs);
      } else if (isUnverified(error)) {
        unverified += 1;
        const waitMs = fitTransactionDelay(unverified, error, transactionUntil);
        if (waitMs === null) throw error;
        await pause(request, waitMs);
      } else throw error;
    }
  }
}

export function isBusy(error: unknown): error is GatewayError {
  return error instanceof GatewayError && error.code === "OPERATION_IN_PROGRESS";
}

/** The node that the REST API asks does not show the transaction (467) or the registration (465, 468) yet. */
function isUnverified(error: unknown): error is GatewayError {
  if (!(error instanceof GatewayError)) return false;
  const { code, upstream } = error;
  if (code === "TRANSACTION_NOT_VERIFIED") return upstream?.status === 467;
  // Without a status, a check of the gateway refused before anything was sent.
  return code === "HASH_NOT_ALLOWED" && [465, 468, undefined].includes(upstream?.status);
}

/** Compute the wait before the next attempt in milliseconds; null when the time is over. */
function fitTransactionDelay(attempts: number, { retryAfterMs = 0 }: GatewayError, until: number) {
  const wanted = Math.max(computeTransactionDelay(attempts), retryAfterMs);
  const waitMs = Math.min(wanted, until - performance.now());
  return waitMs < Math.max(MIN_DELAY_MS, retryAfterMs) ? null : waitMs;
}

async function pause({ signal }: Request, ms: number): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (cause) {
    const message = "The client left while the gateway was waiting. Nothing was applied.";
    throw new GatewayError("CANCELLED", message, { cause });
  }
}
