import { deriveHex, deriveUuid } from "../identity.ts";
import type { Step } from "./timeline.ts";
import type { Cvm, Operation, Power } from "./types.ts";

/** How long a CVM stays locked after its operation has ended, in milliseconds. The real API does the same. */
const LOCK_OUTLIVES_MS = 1_000;

/** Operations and revisions kept per CVM. Older ones are dropped to bound the memory. */
const MAX_HISTORY = 500;

/** Parameters of a new operation. */
export type OperationPlan = Pick<
  Operation,
  "type" | "target" | "timeline" | "failure" | "config" | "guestEnv"
>;

/** Live state of a CVM, as its node reports it. */
export type LiveState = {
  readonly status: string;
  readonly bootProgress: string | null;
  readonly bootError: string | null;
  readonly shutdownProgress: string | null;
  /** When this state began, milliseconds since 1970. */
  readonly since: number;
  /** The running operation; null when none runs. */
  readonly operation: Operation | null;
};

/** Start an operation at `now`. The caller checks first that the CVM is not locked. */
export function startOperation(cvm: Cvm, plan: OperationPlan, now: number): Operation {
  cvm.operationCount += 1;
  const operation: Operation = {
    ...plan,
    correlationId: deriveCorrelationId(cvm),
    startedAt: now,
    applied: false,
    ended: false,
    cancelledAt: null,
  };
  cvm.operations.push(operation);
  if (cvm.operations.length > 2 * MAX_HISTORY) cvm.operations.splice(0, MAX_HISTORY);
  refreshState(cvm, now);
  return operation;
}

/** Derive a UUID or, for a CVM with the behavior `corr-ids`, the other form of the API: `corr_01…`. */
function deriveCorrelationId({ vmUuid, operationCount, behaviors }: Cvm): string {
  const uuid = deriveUuid("operation", vmUuid, operationCount);
  return behaviors.has("corr-ids") ? `corr_01${uuid.replaceAll("-", "").slice(0, 24).toUpperCase()}` : uuid;
}

/** Cancel the running operation. A change that was not applied yet is dropped. */
export function cancelOperation(cvm: Cvm, now: number): void {
  const operation = refreshState(cvm, now).operation;
  if (operation === null) return;
  operation.cancelledAt = now;
  operation.ended = true;
}

/** Whether a write must be rejected with 409. */
export function isLocked(cvm: Cvm, now: number): boolean {
  const operation = cvm.operations.at(-1);
  if (operation === undefined || operation.cancelledAt !== null) return false;
  return now < operation.startedAt + operation.timeline.endsAt + LOCK_OUTLIVES_MS;
}

/** Advance a CVM to `now` and return its live state. Idempotent. */
export function refreshState(cvm: Cvm, now: number): LiveState {
  const operation = cvm.operations.at(-1);
  if (operation !== undefined && !operation.ended) {
    const elapsed = now - operation.startedAt;
    if (!operation.applied && elapsed >= operation.timeline.appliesAt) apply(cvm, operation);
    if (elapsed < operation.timeline.endsAt) return describeStep(operation, elapsed);
    end(cvm, operation);
  }
  return { ...cvm.power, shutdownProgress: null, operation: null };
}

function apply(cvm: Cvm, operation: Operation): void {
  operation.applied = true;
  const at = operation.startedAt + operation.timeline.appliesAt;
  cvm.instanceId ??= deriveHex(40, "instance", cvm.vmUuid);
  if (operation.guestEnv !== null) cvm.guestEnv = operation.guestEnv;
  if (operation.config === null) return;
  cvm.config = operation.config;
  cvm.revisions.push({
    id: deriveUuid("revision", operation.correlationId),
    operationType: operation.type === "create" ? "deploy" : "update",
    correlationId: operation.correlationId,
    config: operation.config,
    createdAt: at,
  });
  if (cvm.revisions.length > 2 * MAX_HISTORY) cvm.revisions.splice(0, MAX_HISTORY);
}

function end(cvm: Cvm, operation: Operation): void {
  operation.ended = true;
  cvm.power = {
    status: operation.timeline.finalStatus,
    since: operation.startedAt + operation.timeline.endsAt,
    bootProgress: lastBootStep(operation),
    bootError: operation.failure,
  };
}

function lastBootStep(operation: Operation): Power["bootProgress"] {
  if (operation.timeline.finalStatus === "running") return "done";
  return operation.timeline.steps.at(-1)?.bootProgress ?? null;
}

function describeStep(operation: Operation, elapsed: number): LiveState {
  const step = findStep(operation.timeline.steps, elapsed);
  return {
    status: step.status,
    bootProgress: step.bootProgress ?? null,
    bootError: null,
    shutdownProgress: step.shutdownProgress ?? null,
    since: operation.startedAt + step.at,
    operation,
  };
}

function findStep(steps: readonly Step[], elapsed: number): Step {
  return steps.findLast((step) => step.at <= elapsed) ?? steps[0] ?? { at: 0, status: "in_progress" };
}
