import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../../context.ts";
import { createInputError, GatewayError } from "../../errors.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { type Cvm, fetchCvm } from "../../upstream/resources/cvms.ts";
import { computeConfigVersion, listChangesSince } from "../cvm/config-version.ts";
import { readCvmRef } from "../cvm/cvm-ref-argument.ts";
import { lockCvm } from "./cvm-lock.ts";

/** What every write input has beside the change itself. */
export type WriteInput = {
  readonly id: string;
  readonly expectedVersion?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly waitIfBusySeconds?: number | null | undefined;
};

/** How often a CVM that is waited for is looked at, in milliseconds. */
const BUSY_POLL_MS = 1_000;
const MAX_WAIT_SECONDS = 120;
const MAX_KEY_LENGTH = 255;

function readKey(ctx: Context, input: WriteInput): string | null {
  const key = input.idempotencyKey ?? ctx.idempotencyKey;
  const both = Boolean(
    input.idempotencyKey && ctx.idempotencyKey && input.idempotencyKey !== ctx.idempotencyKey,
  );
  if (both) {
    throw createInputError([
      { path: "input.idempotencyKey", message: "Differs from the Idempotency-Key header." },
    ]);
  }
  if (key !== null && (key.length === 0 || key.length > MAX_KEY_LENGTH)) {
    throw createInputError([
      { path: "input.idempotencyKey", message: `Expected 1 to ${MAX_KEY_LENGTH} characters.` },
    ]);
  }
  return key;
}

function readWaitMs({ waitIfBusySeconds }: WriteInput): number {
  const seconds = waitIfBusySeconds ?? 0;
  if (seconds >= 0 && seconds <= MAX_WAIT_SECONDS) return seconds * 1_000;
  throw createInputError([
    { path: "input.waitIfBusySeconds", message: `Expected 0 to ${MAX_WAIT_SECONDS}.` },
  ]);
}

function checkVersion(expected: string, cvm: Cvm): void {
  const changes = listChangesSince(expected, cvm);
  if (changes === null) {
    throw createInputError([
      { path: "input.expectedVersion", message: "Expected a configVersion that this API gave out." },
    ]);
  }
  if (changes.length === 0) return;
  throw new GatewayError("VERSION_CONFLICT", `The configuration has changed since: ${changes.join(", ")}.`, {
    currentVersion: computeConfigVersion(cvm),
    fields: changes.map((path) => ({ path, message: "Changed since expectedVersion." })),
  });
}

/** Whether a write that failed so may have been applied: it was sent, and was not plainly refused. */
function mayHaveBeenApplied(error: unknown, sent: boolean): boolean {
  if (!sent) return false;
  if (!(error instanceof GatewayError)) return true;
  const { code, upstream } = error;
  if (code === "OUTCOME_UNKNOWN" || code === "UPSTREAM_MALFORMED") return true;
  return upstream !== undefined && upstream.status >= 500;
}

function isBusy(error: unknown): error is GatewayError {
  return error instanceof GatewayError && error.code === "OPERATION_IN_PROGRESS";
}

/** Names the operation that is in the way; where that cannot be read, the error stays as it is. */
async function nameRunningOperation(ctx: Context, ref: CvmRef, error: GatewayError): Promise<GatewayError> {
  const cvm = await fetchCvm(ctx.upstream, ref).catch(() => null);
  const correlationId = cvm?.progress?.correlationId ?? null;
  if (correlationId === null) return error;
  const { upstream, retryAfterMs } = error;
  return new GatewayError("OPERATION_IN_PROGRESS", error.message, {
    correlationId,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(upstream === undefined ? {} : { upstream }),
    cause: error,
  });
}

/**
 * Checks and sends under the CVM's lock. A 409 proves that nothing was applied, so after one the write may
 * be tried again.
 */
async function sendGuarded<T>(
  ctx: Context,
  ref: CvmRef,
  input: WriteInput,
  send: () => Promise<T>,
): Promise<T> {
  const waitUntil = performance.now() + readWaitMs(input);
  const attempt = () =>
    lockCvm(ref, async () => {
      const waits = input.waitIfBusySeconds ? performance.now() < waitUntil : false;
      const checked = waits || input.expectedVersion ? await fetchCvm(ctx.upstream, ref) : null;
      if (waits && checked?.inProgress) throw new GatewayError("OPERATION_IN_PROGRESS", "An operation runs.");
      if (input.expectedVersion && checked !== null) checkVersion(input.expectedVersion, checked);
      return send();
    });
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() + BUSY_POLL_MS > waitUntil) throw await nameRunningOperation(ctx, ref, error);
      await sleep(BUSY_POLL_MS, undefined, { signal: ctx.signal }).catch(() => {
        throw new GatewayError("CANCELLED", "The client left while the CVM was busy; nothing was sent.");
      });
    }
  }
}

/**
 * Carries out one write with all that protects it: idempotency key, expected version, one write at a time
 * for each CVM in this process, waiting for a busy CVM.
 *
 * @param prepare checks the input, without a call, and returns what sends the write.
 * @param secret the credential that an idempotency key belongs to, if it is not the caller's.
 */
export async function runWrite<T>(
  ctx: Context,
  operation: string,
  input: WriteInput,
  prepare: (ref: CvmRef) => () => Promise<T>,
  secret: string | undefined = ctx.caller?.secret,
): Promise<T> {
  const ref = readCvmRef(input.id, "input.id");
  const send = prepare(ref);
  const key = readKey(ctx, input);
  readWaitMs(input);
  if (key === null || secret === undefined) return sendGuarded(ctx, ref, input, send);
  const { idempotencyKey: _, ...change } = input;
  const before = ctx.upstream.stats.writes;
  return ctx.idempotency.run(
    {
      secret,
      key,
      operation,
      input: change,
      signal: ctx.signal,
      deadline: ctx.deadline,
      mayHaveBeenApplied: (error) => mayHaveBeenApplied(error, ctx.upstream.stats.writes > before),
    },
    () => sendGuarded(ctx, ref, input, send),
  );
}
