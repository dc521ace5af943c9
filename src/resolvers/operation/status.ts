import type { Cvm } from "../../upstream/resources/cvms.ts";
import { type FoundOperation, toFinalStatus } from "../../upstream/resources/operations.ts";
import type { LiveState } from "../../upstream/resources/status-batch.ts";
import { formatOperationId } from "./operation-id.ts";
import { BOOT_PERCENT, isDown, measureProgress, type OperationProgress } from "./progress.ts";

/** What is known of an operation. Times are absolute, `durationMs` in milliseconds. */
export type Operation = OperationProgress & {
  readonly id: string;
  readonly cvmId: Cvm["id"];
  readonly correlationId: string;
  readonly type: string;
  readonly status: "IN_PROGRESS" | "COMPLETED" | "FAILED" | "UNKNOWN";
  readonly targetState: string | null;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly durationMs: number | null;
  readonly errorMessage: string | null;
};

/** Where the truth about an operation comes from. */
export type OperationEvidence = {
  readonly cvm: Cvm;
  readonly correlationId: string;
  /** Its row in the CVM's history; null where there is none. */
  readonly found: FoundOperation | null;
  readonly live: LiveState | null;
  /** The percentage that a watch has told already; 0 where nobody watched. */
  readonly toldPercent: number;
};

/** Whether an operation will not change any more. */
export function hasEnded({ status }: Pick<Operation, "status">): boolean {
  return status === "COMPLETED" || status === "FAILED";
}

/**
 * The boot error as evidence: the live state names this very operation, and the error is not left over from
 * a boot before it. On a CVM that is down, only a boot that was seen to begin can have failed.
 */
function findBootError({ correlationId, live, toldPercent }: OperationEvidence): string | null {
  if (live?.operation?.correlationId !== correlationId || !live.bootError) return null;
  return !isDown(live) || toldPercent >= BOOT_PERCENT ? live.bootError : null;
}

function chooseStatus(evidence: OperationEvidence): Operation["status"] {
  const { cvm, correlationId, found, live } = evidence;
  const final = found && toFinalStatus(found.row);
  if (final !== null) return final;
  if (findBootError(evidence) !== null) return "FAILED";
  const runs =
    found?.row.rawStatus.toLowerCase() === "in_progress" ||
    live?.operation?.correlationId === correlationId ||
    cvm.progress?.correlationId === correlationId;
  return runs ? "IN_PROGRESS" : "UNKNOWN";
}

/** A failed row without words: the boot error is its own only while nothing newer has begun. */
function explainFailure({ correlationId, found, live }: OperationEvidence): string | null {
  const other = live?.operation && live.operation.correlationId !== correlationId;
  const bootError = other || found?.newest === false ? null : live?.bootError;
  return found?.row.errorMessage || bootError || null;
}

/** A row may still say `in_progress` when the node has gone on to something else. */
function isLive({ correlationId, live }: OperationEvidence): boolean {
  const running = live?.operation?.correlationId ?? null;
  return running === null || running === correlationId;
}

function measure(evidence: OperationEvidence, status: Operation["status"], now: number): OperationProgress {
  const { live, found, cvm, toldPercent } = evidence;
  if (hasEnded({ status })) return { step: null, percent: 100 };
  if (status === "UNKNOWN" || live === null || !isLive(evidence)) return { step: null, percent: toldPercent };
  const startedAt = found?.row.startedAt ?? live.operation?.startedAt ?? cvm.progress?.startedAt ?? null;
  const { step, percent } = measureProgress(live, found?.row.targetState ?? null, { startedAt, now });
  return { step, percent: Math.max(percent, toldPercent) };
}

/**
 * Says what is known of an operation. An end needs evidence for this very correlation id: that the CVM
 * runs and nothing is in progress is also true for a moment before a new operation shows.
 */
export function describeOperation(evidence: OperationEvidence, now = Date.now()): Operation {
  const { cvm, correlationId, found, live } = evidence;
  const status = chooseStatus(evidence);
  const running = live?.operation?.correlationId === correlationId ? live.operation : null;
  const progress = cvm.progress?.correlationId === correlationId ? cvm.progress : null;
  const ended = hasEnded({ status });
  return {
    id: formatOperationId({ cvmId: cvm.id, correlationId }),
    cvmId: cvm.id,
    correlationId,
    type: found?.row.type ?? running?.type ?? "unknown",
    status,
    targetState: found?.row.targetState ?? progress?.target ?? null,
    startedAt: found?.row.startedAt ?? running?.startedAt ?? progress?.startedAt ?? null,
    completedAt: ended ? (found?.row.completedAt ?? null) : null,
    durationMs: ended ? (found?.row.durationMs ?? null) : null,
    errorMessage: status === "FAILED" ? explainFailure(evidence) : null,
    ...measure(evidence, status, now),
  };
}
