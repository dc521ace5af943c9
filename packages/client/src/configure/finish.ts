import { CvmGatewayError } from "../gateway-error.ts";
import { followOperation, hasEnded, type OperationState } from "../live/follow.ts";
import { createNotAppliedError, createUnknownError, resolveOutcome } from "./resolve-outcome.ts";
import type { Run } from "./run.ts";
import type { ConfigureState } from "./state.ts";
import type { ConfigureResult } from "./types.ts";

/**
 * Follow an accepted change to its end: stage `accepted`.
 *
 * @throws {CvmGatewayError} `OPERATION_FAILED`, and the codes of following an operation
 */
export async function finish(run: Run, state: ConfigureState): Promise<ConfigureResult> {
  const { cvmId } = state;
  const correlationId = state.correlationId ?? (await findOperation(run, state));
  if (correlationId === null) return { status: "COMPLETED", cvmId, correlationId, percent: 100 };
  const operation = await followToEnd(run, cvmId, correlationId);
  if (operation === null) {
    // There is no trace of the operation any more. The configuration shows whether it was applied.
    const verdict = await resolveOutcome(run, { ...state, correlationId: null }, 0);
    if (verdict.kind === "unknown") throw createUnknownError();
    if (verdict.kind === "not-applied") throw createNotAppliedError();
    return { status: "COMPLETED", cvmId, correlationId: null, percent: 100 };
  }
  const { status, errorMessage } = operation;
  if (status === "COMPLETED") return { ...operation, status, cvmId };
  throw new CvmGatewayError(
    "OPERATION_FAILED",
    `The change was accepted, and its operation failed${errorMessage ? `: ${errorMessage}` : "."}`,
    { correlationId },
  );
}

/** Find the operation of a change that was accepted without an id. */
async function findOperation(run: Run, state: ConfigureState): Promise<string | null> {
  const verdict = await resolveOutcome(run, state, run.settleMs);
  return verdict.kind === "applied" ? verdict.correlationId : null;
}

/** @returns null if there is no trace of the operation */
async function followToEnd(run: Run, cvmId: string, correlationId: string): Promise<OperationState | null> {
  const { sender, signal, maxOfflineMs } = run;
  try {
    for await (const operation of followOperation(sender, cvmId, correlationId, { signal, maxOfflineMs })) {
      run.report("following", { operation });
      if (hasEnded(operation)) return operation;
    }
  } catch (error) {
    if (!(error instanceof CvmGatewayError) || error.code !== "NOT_FOUND") throw error;
  }
  return null;
}
