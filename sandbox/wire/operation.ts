import type { Cvm, Operation } from "../cvm/types.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Describe one item of `GET …/operations`. */
export function describeOperation(workspace: Workspace, cvm: Cvm, operation: Operation, now: number) {
  const endedAt = operation.cancelledAt ?? (operation.ended ? endOf(operation) : null);
  return {
    correlation_id: operation.correlationId,
    operation_type: operation.type,
    target_state: operation.target,
    triggered_by: 0,
    triggered_by_username: workspace.username,
    triggered_by_email: `${workspace.username}@sandbox.invalid`,
    started_at: toIso(operation.startedAt),
    completed_at: endedAt === null ? null : toIso(endedAt),
    duration_ms: endedAt === null ? null : endedAt - operation.startedAt,
    status: describeStatus(operation),
    error_message: describeError(operation),
    sub_operations: operation.timeline.steps.length > 1 ? ["power_off", "power_on"] : [],
    events: describeEvents(operation, endedAt ?? now),
    instance_name: cvm.name,
    compose_hash: (operation.config ?? cvm.config).compose.hash,
  };
}

function describeStatus(operation: Operation): "completed" | "in_progress" | "failed" {
  if (!operation.ended) return "in_progress";
  return operation.cancelledAt !== null || operation.failure !== null ? "failed" : "completed";
}

function describeError(operation: Operation): string | null {
  if (operation.cancelledAt !== null) return "Cancelled by the user";
  return operation.ended ? operation.failure : null;
}

function describeEvents(operation: Operation, until: number) {
  const events = operation.timeline.steps.map((step) => ({
    event_type: `instance.${operation.type}.${step.at === 0 ? "start" : "progress"}`,
    timestamp: operation.startedAt + step.at,
    state: step.bootProgress ?? step.shutdownProgress ?? step.status,
  }));
  if (operation.ended) {
    const done = describeStatus(operation) === "completed";
    events.push({
      event_type: `instance.${operation.type}.${done ? "complete" : "failed"}`,
      timestamp: until,
      state: done ? operation.target : (describeError(operation) ?? "failed"),
    });
  }
  return events
    .filter((event) => event.timestamp <= until)
    .map((event) => ({ ...event, timestamp: toIso(event.timestamp) }));
}

function endOf(operation: Operation): number {
  return operation.startedAt + operation.timeline.endsAt;
}

function toIso(time: number): string {
  return new Date(time).toISOString();
}
