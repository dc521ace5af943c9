import type { Cvm } from "../../upstream/resources/cvms.ts";
import { type FoundOperation, toFinalStatus } from "../../upstream/resources/operations.ts";
import type { LiveState } from "../../upstream/resources/status-batch.ts";
import { formatOperationId } from "./operation-id.ts";
import { BOOT_PERCENT, isDown, measureProgress, type OperationProgress } from "./progress.ts";

/** An operation as it is known from its evidence. `durationMs` is in milliseconds. */
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

/** Everything that the REST API reports about an operation. */
export type OperationEvidence = {
  readonly cvm: Cvm;
  readonly correlationId: string;
  /** Row of the operation in the CVM's history. Null if it is not found. */
  readonly found: FoundOperation | null;
  readonly live: LiveState | null;
  /** Percentage that the stream has already reported. 0 outside a stream. */
  readonly reportedPercent: number;
};

/** Whether an operation has ended, so that it does not change any more. */
export function hasEnded({ status }: Pick<Operation, "status">): boolean {
  return status === "COMPLETED" || status === "FAILED";
}

/**
 * Find the boot error of the operation. The live state must name this operation, and the error must not come
 * from an earlier boot: while the CVM is down, only a boot that the stream has seen start can have failed.
 */
function findBootError({ correlationId, live, reportedPercent }: OperationEvidence): string | null {
  if (live?.operation?.correlationId !== correlationId || !live.bootError) return null;
  return !isDown(live) || reportedPercent >= BOOT_PERCENT ? live.bootError : null;
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

/** Find the message of a failure. A boot error belongs to the operation only if no newer one has started. */
function findFailureMessage({ correlationId, found, live }: OperationEvidence): string | null {
  const other = live?.operation && live.operation.correlationId !== correlationId;
  const bootError = other || found?.newest === false ? null : live?.bootError;
  return found?.row.errorMessage || bootError || null;
}

/** Whether the live state is about this operation. A row can be `in_progress` while the node runs another. */
function isLive({ correlationId, live }: OperationEvidence): boolean {
  const running = live?.operation?.correlationId ?? null;
  return running === null || running === correlationId;
}

function measure(evidence: OperationEvidence, status: Operation["status"], now: number): OperationProgress {
  const { live, found, cvm, reportedPercent } = evidence;
  if (hasEnded({ status })) return { step: null, percent: 100 };
  if (status === "UNKNOWN" || live === null || !isLive(evidence))
    return { step: null, percent: reportedPercent };
  const startedAt = found?.row.startedAt ?? live.operation?.startedAt ?? cvm.progress?.startedAt ?? null;
  const { step, percent } = measureProgress(live, found?.row.targetState ?? null, { startedAt, now });
  return { step, percent: Math.max(percent, reportedPercent) };
}

/**
 * Describe an operation from its evidence. Only evidence with its correlation id shows that it has ended: a
 * CVM that is running with nothing in progress can have an accepted operation that is not visible yet.
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
    errorMessage: status === "FAILED" ? findFailureMessage(evidence) : null,
    ...measure(evidence, status, now),
  };
}
