import { sleep } from "../abort.ts";
import { CvmGatewayError } from "../gateway-error.ts";
import { followOperation, hasEnded } from "../live/follow.ts";
import { compareSettings, type Evidence, listNewOperations, readEvidence } from "./evidence.ts";
import type { Run } from "./run.ts";
import type { Baseline, ConfigureState } from "./state.ts";

/** What reading a CVM shows about a write whose answer was lost. */
export type Verdict =
  | { readonly kind: "applied"; readonly correlationId: string | null }
  | { readonly kind: "not-applied" }
  | { readonly kind: "unknown" };

/** How much longer to look while an operation without an id is running, in milliseconds. */
const MAX_BUSY_MS = 120_000;

/** Pause between two reads, in milliseconds. */
const READ_PAUSE_MS = 2_000;

/**
 * Find out by reading whether a write was applied. Nothing is sent. A change that leaves no trace within `settleMs`,
 * while the CVM is idle, was not applied.
 *
 * @param settleMs - how long to look for a trace; 0 looks once
 */
export async function resolveOutcome(run: Run, state: ConfigureState, settleMs: number): Promise<Verdict> {
  run.report("resolving");
  const end = Date.now() + settleMs;
  for (;;) {
    const evidence = await readEvidence(run, state);
    const verdict = await judge(run, state, evidence);
    if (verdict !== null) return verdict;
    const isIdle = !evidence.inProgress || runsKnownOperation(state.baseline, evidence);
    if (Date.now() >= (isIdle ? end : end + MAX_BUSY_MS)) return judgeWithoutTrace(state, evidence);
    await sleep(Math.min(READ_PAUSE_MS, Math.max(50, end - Date.now())), run.signal);
  }
}

/** @returns null if there is no trace of the write yet */
async function judge(run: Run, state: ConfigureState, evidence: Evidence): Promise<Verdict | null> {
  const { registration, baseline } = state;
  const candidates = listNewOperations(baseline, evidence);
  const [newest] = candidates;
  if (newest === undefined) return null;
  const { status } = await waitForEnd(run, state.cvmId, newest.correlationId);
  const after = await readEvidence(run, state);
  const applied: Verdict = { kind: "applied", correlationId: newest.correlationId };
  if (registration !== undefined) {
    return after.compose?.hash === registration.composeHash
      ? applied
      : rejectOrAdopt(candidates, status, applied);
  }
  const match = compareSettings(state.input, after);
  if (match === "yes") return applied;
  if (match === "unknown") return candidates.length === 1 ? applied : { kind: "unknown" };
  return rejectOrAdopt(candidates, status, applied);
}

/** An operation that failed may have left the old configuration. If it is the only one, it is that of the write. */
function rejectOrAdopt(candidates: readonly unknown[], status: string, applied: Verdict): Verdict {
  return status === "FAILED" && candidates.length === 1 ? applied : { kind: "not-applied" };
}

/** Without a new operation, only the configuration itself can show that the change is there. */
function judgeWithoutTrace(state: ConfigureState, evidence: Evidence): Verdict {
  const { registration, baseline, input } = state;
  const hasHash = registration !== undefined && evidence.compose?.hash === registration.composeHash;
  const hasChanged = evidence.configVersion !== baseline.configVersion;
  if (hasHash || (hasChanged && compareSettings(input, evidence) === "yes")) {
    return { kind: "applied", correlationId: null };
  }
  const isSeen = hasHistory(baseline, evidence) || compareSettings(input, evidence) === "no";
  return isSeen ? { kind: "not-applied" } : { kind: "unknown" };
}

/** Whether the running operation began before the write, which the CVM must then have refused. */
function runsKnownOperation({ operationIds }: Baseline, { progress }: Evidence): boolean {
  const running = progress?.correlationId ?? null;
  return running !== null && operationIds?.includes(running) === true;
}

/** Whether the operations were readable before and after, so that a new one would have been seen. */
function hasHistory({ operationIds }: Baseline, { operations }: Evidence): boolean {
  return operationIds !== null && operations !== null;
}

async function waitForEnd(run: Run, cvmId: string, correlationId: string): Promise<{ status: string }> {
  const { sender, signal, maxOfflineMs } = run;
  let last = { status: "UNKNOWN" };
  try {
    for await (const operation of followOperation(sender, cvmId, correlationId, { signal, maxOfflineMs })) {
      run.report("following", { operation });
      last = operation;
      if (hasEnded(operation)) break;
    }
  } catch (error) {
    // The operation left no trace any more. The configuration decides.
    if (!(error instanceof CvmGatewayError) || error.code !== "NOT_FOUND") throw error;
  }
  return last;
}

/** Create the error for a change that the CVM does not have. */
export function createNotAppliedError(): CvmGatewayError {
  return new CvmGatewayError(
    "NOT_APPLIED",
    "The answer to the change was lost, and the CVM shows that it was not applied. It can be sent again with a new idempotency key.",
    { retryable: true },
  );
}

/** Create the error for a change of which reading cannot tell whether it was applied. */
export function createUnknownError(): CvmGatewayError {
  return new CvmGatewayError(
    "OUTCOME_UNKNOWN",
    "The answer to the change was lost, and reading the CVM does not show whether it was applied. Compare the CVM with the change before it is sent again.",
  );
}
