import { refreshState } from "../cvm/operation.ts";
import type { Cvm } from "../cvm/types.ts";
import { deriveBytes } from "../identity.ts";

/** Describe the uptime of a running CVM in the node's format, for example `2h30m`; null when it is off. */
export function describeUptime(cvm: Cvm, now: number): string | null {
  if (refreshState(cvm, now).status !== "running") return null;
  const seconds = Math.max(0, Math.floor((now - cvm.power.since) / 1000));
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ];
  const shown = parts.filter(([count]) => count > 0).slice(0, 2);
  return shown.map(([count, unit]) => `${count}${unit}`).join("") || "0s";
}

/** Describe `GET …/state` and each `state` event. Absent values are left out, because the SDK rejects null. */
export function describeState(cvm: Cvm, now: number) {
  const state = refreshState(cvm, now);
  const uptime = describeUptime(cvm, now);
  const off = state.status === "stopped" || state.status === "exited";
  return {
    id: cvm.vmUuid.replaceAll("-", ""),
    ...(cvm.instanceId !== null && { instance_id: cvm.instanceId }),
    name: cvm.name,
    status: state.status,
    ...(uptime !== null && { uptime }),
    ...(off && { exited_at: new Date(state.since).toISOString() }),
    ...(state.bootProgress !== null && { boot_progress: state.bootProgress }),
    ...(state.bootError !== null && { boot_error: state.bootError }),
    ...(state.shutdownProgress !== null && { shutdown_progress: state.shutdownProgress }),
  };
}

/** Describe one value of `POST /status/batch`, in the newest form. */
export function describeBatchStatus(cvm: Cvm, now: number) {
  const offline = cvm.behaviors.has("offline");
  const { operation, ...state } = refreshState(cvm, now);
  return {
    vm_uuid: cvm.vmUuid,
    status: offline ? "offline" : state.status,
    uptime: offline ? null : describeUptime(cvm, now),
    in_progress: operation !== null,
    boot_progress: state.bootProgress,
    boot_error: state.bootError,
    shutdown_progress: state.shutdownProgress,
    events: (operation?.timeline.steps ?? [])
      .map((step) => ({ ...step, at: (operation?.startedAt ?? 0) + step.at }))
      .filter((step) => step.at <= now)
      .map((step) => ({
        event: step.bootProgress === undefined ? "status" : "boot.progress",
        body: step.bootProgress ?? step.shutdownProgress ?? step.status,
        timestamp: step.at,
      })),
    operation:
      operation === null
        ? null
        : {
            type: operation.type,
            phase: state.bootProgress === null ? "shutdown" : "boot",
            started_at: new Date(operation.startedAt).toISOString(),
            correlation_id: operation.correlationId,
          },
    resource_usage: offline || state.status !== "running" ? null : describeUsage(cvm),
  };
}

/** Describe the operation in the flat fields of older versions. */
export function describeFlatOperation(cvm: Cvm, now: number) {
  const { operation } = refreshState(cvm, now);
  return {
    operation_type: operation?.type ?? null,
    operation_started_at: operation === null ? null : new Date(operation.startedAt).toISOString(),
    correlation_id: operation?.correlationId ?? null,
  };
}

/** Describe an invented resource usage. It never changes for a CVM. */
function describeUsage(cvm: Cvm) {
  const [load = 0, memory = 0] = deriveBytes("usage", cvm.vmUuid);
  const totalBytes = cvm.config.memoryMb * 1024 * 1024;
  return {
    cpu_percent: Math.round((load / 255) * 600) / 10,
    memory_used_bytes: Math.floor((totalBytes * (64 + memory / 2)) / 256),
    memory_total_bytes: totalBytes,
    egress_bytes: 12_884_901_888 + load * 1_000_003,
  };
}
