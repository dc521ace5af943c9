import { sleep } from "../abort.ts";
import { CvmGatewayError } from "../gateway-error.ts";
import { ConfirmPatchDocument } from "../generated/writes-documents.ts";
import { sendOnce } from "./attempt.ts";
import { isHashAllowed, REGISTERED_BEFORE, type RegisteringState, signPrerequisites } from "./register.ts";
import type { Run } from "./run.ts";
import { createEmptyAnswerError, WRITE_TIMEOUT_MS } from "./send-change.ts";
import type { ConfigureState } from "./state.ts";

/** Pause before a confirmation is repeated, in milliseconds. */
const PAUSE_MS = 3_000;

/** State whose hash is registered. */
type ConfirmingState = RegisteringState & { readonly transactionHash: string };

/** Codes that prove that nothing was applied, and that pass with time. */
const passingCodes: ReadonlySet<string> = new Set([
  "TRANSACTION_NOT_VERIFIED",
  "HASH_NOT_ALLOWED",
  "OPERATION_IN_PROGRESS",
]);

/**
 * Confirm the registered hash: stage `confirming`. Repeats the confirmation while the chain does not show the
 * registration, and lets the owner sign transactions that turn out to be missing.
 *
 * @returns the state of the next stage
 */
export async function confirm(run: Run, given: ConfirmingState, isResumed: boolean): Promise<ConfigureState> {
  const end = Date.now() + run.maxConfirmMs;
  let state = given;
  let mayHaveBeenSent = isResumed;
  // The transaction of the wallet, while the hash is confirmed without it.
  let replaced: string | null = null;
  for (;;) {
    try {
      return await sendConfirmation(run, state, mayHaveBeenSent);
    } catch (error) {
      if (!(error instanceof CvmGatewayError) || !passingCodes.has(error.code)) throw error;
      mayHaveBeenSent = false;
      if (replaced === null && (await isRegisteredByAnother(run, state, error))) {
        replaced = state.transactionHash;
        state = await run.save({ ...state, transactionHash: REGISTERED_BEFORE });
        continue;
      }
      if (replaced !== null && isRefusedWithoutTransaction(state, error)) {
        state = await run.save({ ...state, transactionHash: replaced });
        await sleep(PAUSE_MS, run.signal);
        continue;
      }
      const isDead = error.code === "TRANSACTION_NOT_VERIFIED" && !error.retryable;
      if (isDead || isRefusedWithoutTransaction(state, error)) {
        const again: ConfigureState = { ...state, stage: "registering", transactionHash: undefined };
        await run.save(again);
        // A transaction that was reverted needs a decision. One that never existed is simply signed now.
        if (isDead) throw error;
        return again;
      }
      if (!error.retryable || Date.now() > end) throw error;
      const sentBefore = state.sent?.length ?? 0;
      state = await signPrerequisites(run, state, error.prerequisites);
      if (state.sent?.length === sentBefore || error.prerequisites.length === 0) {
        await sleep(Math.max(PAUSE_MS, error.retryAfterMs ?? 0), run.signal);
      }
    }
  }
}

/** A wallet can replace a transaction that waits for long. The new one has another hash and registers the same. */
async function isRegisteredByAnother(
  run: Run,
  state: ConfirmingState,
  { code, retryable }: CvmGatewayError,
): Promise<boolean> {
  const isMissing = code === "TRANSACTION_NOT_VERIFIED" && retryable;
  return isMissing && state.transactionHash !== REGISTERED_BEFORE && (await isHashAllowed(run, state));
}

/** The REST API need not accept a confirmation without a transaction. */
function isRefusedWithoutTransaction(
  { transactionHash }: ConfirmingState,
  { code }: CvmGatewayError,
): boolean {
  return transactionHash === REGISTERED_BEFORE && code !== "OPERATION_IN_PROGRESS";
}

function sendConfirmation(
  run: Run,
  state: ConfirmingState,
  mayHaveBeenSent: boolean,
): Promise<ConfigureState> {
  const { sender, signal } = run;
  const { cvmId, registration, transactionHash, input } = state;
  const idempotencyKey = `${state.idempotencyKey}-confirm`;
  const isKnown = transactionHash === REGISTERED_BEFORE;
  const waitForTransactionSeconds = isKnown ? 0 : state.waitForTransactionSeconds;
  const waitIfBusySeconds = input.waitIfBusySeconds ?? 0;
  const { composeHash } = registration;
  return sendOnce<ConfigureState>(
    run,
    state,
    {
      idempotencyKey,
      async send() {
        run.report("confirming");
        const confirmation = {
          id: cvmId,
          composeHash,
          transactionHash,
          idempotencyKey,
          waitForTransactionSeconds,
          waitIfBusySeconds,
        };
        const { data, error } = await sender.queryPartly(
          ConfirmPatchDocument,
          { input: confirmation },
          {
            signal,
            timeoutMs: WRITE_TIMEOUT_MS + (waitForTransactionSeconds + waitIfBusySeconds) * 1_000,
          },
        );
        const result = data.confirmCvmPatch;
        if (result === null) throw error ?? createEmptyAnswerError();
        const { status, correlationId } = result;
        return { ...state, stage: status === "NO_CHANGE" ? "unchanged" : "accepted", correlationId };
      },
      adopt: (correlationId) => ({ ...state, stage: "accepted", correlationId }),
    },
    mayHaveBeenSent,
  );
}
