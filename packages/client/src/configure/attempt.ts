import { assertNotAborted, computeBackoff, sleep } from "../abort.ts";
import { CvmGatewayError } from "../gateway-error.ts";
import { ConfigureCvmDocument } from "../generated/writes-documents.ts";
import { persist } from "./persist.ts";
import { createNotAppliedError, createUnknownError, resolveOutcome } from "./resolve-outcome.ts";
import type { Run } from "./run.ts";
import type { ConfigureState } from "./state.ts";

/** A write that is sent under an idempotency key. */
export type KeyedWrite<T> = {
  readonly idempotencyKey: string;
  /** Send the write once. */
  send(): Promise<T>;
  /** Return the outcome for a write that was applied although its answer was lost. */
  adopt(correlationId: string | null): T;
};

/** How a write failed, which decides what comes next. */
type Failure = "answer-lost" | "outcome-unknown" | "temporary" | "rejected";

/** Codes of failures before anything was applied. The same request can be sent again. */
const temporaryCodes: ReadonlySet<string> = new Set([
  "RATE_LIMITED",
  "UPSTREAM_UNAVAILABLE",
  "UPSTREAM_TIMEOUT",
  "CANCELLED",
]);

/** Codes that say nothing about whether the write was applied, if they are not retryable. */
const unknownCodes: ReadonlySet<string> = new Set([
  "OUTCOME_UNKNOWN",
  "UPSTREAM_MALFORMED",
  "UPSTREAM_UNAVAILABLE",
  "UPSTREAM_TIMEOUT",
  "INTERNAL_SERVER_ERROR",
]);

/** How long a new operation may be invisible, in milliseconds. */
const VISIBLE_AFTER_MS = 5_000;

/** The most repeats after temporary failures. */
const MAX_REPEATS = 5;

function classify(error: unknown): Failure {
  if (!(error instanceof CvmGatewayError)) return "rejected";
  const { code, retryable, path } = error;
  if (code === "NETWORK_ERROR" || code === "INVALID_RESPONSE") return "answer-lost";
  // The write itself succeeded and a field of its result failed. A repeat returns the first outcome.
  if (path.length > 1) return "answer-lost";
  if (retryable) return temporaryCodes.has(code) ? "temporary" : "rejected";
  return unknownCodes.has(code) ? "outcome-unknown" : "rejected";
}

/**
 * Send a write so that it is applied once at most.
 *
 * A lost answer is repeated with the same key only if the gateway still knows the key and so returns the first
 * outcome, or if the CVM shows no trace of the write. An unknown outcome is resolved by reading.
 *
 * @param mayHaveBeenSent - whether an earlier run may have sent it
 * @throws {CvmGatewayError} `NOT_APPLIED`, `OUTCOME_UNKNOWN`, and the codes of the write
 */
export async function sendOnce<T>(
  run: Run,
  state: ConfigureState,
  write: KeyedWrite<T>,
  mayHaveBeenSent: boolean,
): Promise<T> {
  let isRepeat = mayHaveBeenSent;
  let repeats = 0;
  let lostSince = 0;
  for (;;) {
    if (isRepeat && !(await isKeyKnown(run, state.cvmId, write.idempotencyKey))) {
      // The gateway has no record of the write. It did not arrive, or the gateway has lost its records.
      const verdict = await resolveOutcome(run, state, Math.min(run.settleMs, VISIBLE_AFTER_MS));
      if (verdict.kind === "applied") return write.adopt(verdict.correlationId);
      if (verdict.kind === "unknown") throw createUnknownError();
    }
    try {
      assertNotAborted(run.signal);
      return await write.send();
    } catch (error) {
      assertNotAborted(run.signal);
      const failure = classify(error);
      if (failure === "rejected") throw error;
      if (failure === "outcome-unknown") return resolveUnknown(run, state, write, error);
      repeats += 1;
      lostSince ||= Date.now();
      if (failure === "temporary" && repeats > MAX_REPEATS) throw error;
      if (Date.now() - lostSince > run.maxOfflineMs) throw error;
      isRepeat ||= failure === "answer-lost";
      const asked = error instanceof CvmGatewayError ? (error.retryAfterMs ?? 0) : 0;
      await sleep(Math.max(asked, computeBackoff(repeats - 1, 10_000)), run.signal);
    }
  }
}

async function resolveUnknown<T>(
  run: Run,
  state: ConfigureState,
  write: KeyedWrite<T>,
  error: unknown,
): Promise<T> {
  const known = error instanceof CvmGatewayError ? error.correlationId : null;
  if (known !== null) return write.adopt(known);
  const verdict = await resolveOutcome(run, state, run.settleMs);
  if (verdict.kind === "applied") return write.adopt(verdict.correlationId);
  throw verdict.kind === "unknown" ? createUnknownError() : createNotAppliedError();
}

/**
 * Ask the gateway whether it knows a key, without sending anything to the REST API. The question is a change of
 * nothing, based on a version that no CVM has: with a known key it is `IDEMPOTENCY_KEY_REUSED`, otherwise the gateway
 * rejects the version.
 */
async function isKeyKnown(
  { sender, signal, maxOfflineMs }: Run,
  id: string,
  idempotencyKey: string,
): Promise<boolean> {
  const input = { id, allowForceStop: true, expectedVersion: "unknown", idempotencyKey };
  return persist(signal, maxOfflineMs, async () => {
    try {
      await sender.query(ConfigureCvmDocument, { input }, { signal, timeoutMs: 30_000 });
      return true;
    } catch (error) {
      if (!(error instanceof CvmGatewayError)) throw error;
      if (error.code === "IDEMPOTENCY_KEY_REUSED") return true;
      const rejectsVersion = error.fields.some(({ path }) => path === "input.expectedVersion");
      if (rejectsVersion || error.code === "VERSION_CONFLICT") return false;
      if (classify(error) !== "answer-lost") throw error;
      // The question changes nothing, so it can be asked again.
      throw new CvmGatewayError(error.code, error.message, { retryable: true, cause: error });
    }
  });
}
