import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../../context.ts";
import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import { maxWaitSeconds } from "../../limits.ts";
import type { Protection } from "./protection.ts";
import { computeBusyDelay, computeTransactionDelay, lockDelaysMs } from "./wait-schedule.ts";

/** Time of the request that stays for the last attempt to be sent and answered, in milliseconds. */
const RESERVE_MS = 1_000;

/** A shorter wait is not worth another attempt, in milliseconds. */
const MIN_DELAY_MS = 50;

type Request = Pick<Context, "client" | "deadline" | "expiresAt">;

type Waits = Pick<Protection, "waitIfBusyMs" | "waitForTransactionMs">;

type Explain = (error: GatewayError) => Promise<GatewayError | null>;

/** Find out more about a refusal. */
type Explanations = {
  /** Return the error for the client if the CVM is busy, or null if it shows no running operation. */
  readonly busy: Explain;
  /** Return the error for the client if the transaction can never be verified, or null if waiting can help. */
  readonly unverified: Explain;
};

/** How often a write was refused, by reason. */
type Refusals = { busy: number; locked: number; unverified: number };

/**
 * Run a write, and run it again while the REST API refuses it for a reason that passes:
 *
 * - another operation is running (409), as long as the caller waits for a busy CVM;
 * - the lock of an operation that has ended is not released yet (409), for a moment and without being asked;
 * - the registration is not visible yet (465, 467, 468), as long as the caller waits for it and the transaction
 *   is not known to be reverted.
 *
 * These refusals prove that nothing was applied. After every other outcome, and above all after an unknown one,
 * there is no second attempt.
 *
 * @throws {GatewayError} the last refusal when the time to wait is over; `CANCELLED` when the client leaves and
 *   `UNAUTHENTICATED` when its token expires while waiting; every other error of `attempt`
 */
export async function repeatWhileRefused<Outcome>(
  request: Request,
  waits: Waits,
  attempt: () => Promise<Outcome>,
  explain: Explanations,
): Promise<Outcome> {
  const chooseDelay = createSchedule(request, waits, explain);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      await pause(request, await chooseDelay(error));
    }
  }
}

/** Create the function that chooses the wait after a refusal, in milliseconds, or throws if there is none. */
function createSchedule(
  { deadline }: Request,
  { waitIfBusyMs, waitForTransactionMs }: Waits,
  explain: Explanations,
): (error: GatewayError) => Promise<number> {
  const start = performance.now();
  const lastAttemptAt = deadline - RESERVE_MS;
  const busyUntil = start + waitIfBusyMs;
  const transactionUntil = Math.min(start + waitForTransactionMs, lastAttemptAt);
  const refusals: Refusals = { busy: 0, locked: 0, unverified: 0 };
  let lockUntil: number | undefined;

  async function chooseBusyDelay(error: GatewayError): Promise<number> {
    const now = performance.now();
    lockUntil ??= Math.min(now + maxWaitSeconds.lock * 1_000, lastAttemptAt);
    refusals.busy += 1;
    const waitMs = computeBusyDelay(refusals.busy);
    if (now + waitMs <= busyUntil) return waitMs;
    const explained = refusals.locked === 0 ? await explain.busy(error) : null;
    const lockMs = lockDelaysMs[refusals.locked];
    refusals.locked += 1;
    if (explained === null && lockMs !== undefined && now + lockMs <= lockUntil) return lockMs;
    throw explained ?? error;
  }

  return async (error) => {
    if (isBusy(error)) return chooseBusyDelay(error);
    if (!isUnverified(error)) throw error;
    const explained = await explain.unverified(error);
    if (explained !== null) throw explained;
    refusals.unverified += 1;
    const waitMs = fitTransactionDelay(refusals.unverified, error, transactionUntil);
    if (waitMs === null) throw error;
    return waitMs;
  };
}

function isBusy({ code }: GatewayError): boolean {
  return code === "OPERATION_IN_PROGRESS";
}

/** The node that the REST API asks does not show the transaction (467) or the registration (465, 468) yet. */
function isUnverified({ code, upstream }: GatewayError): boolean {
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

/** Wait for the next attempt. A token that expires before it ends the wait. */
async function pause({ client, expiresAt }: Request, ms: number): Promise<void> {
  const tokenMs = expiresAt === null ? Number.POSITIVE_INFINITY : Math.max(0, expiresAt - Date.now());
  try {
    await sleep(Math.min(ms, tokenMs), undefined, { signal: client.signal });
  } catch (cause) {
    const message = "The client left while the gateway was waiting. Nothing was applied.";
    throw new GatewayError("CANCELLED", message, { cause });
  }
  if (tokenMs <= ms) throw new GatewayError("UNAUTHENTICATED", errorMessages.tokenExpiredWaiting);
}
