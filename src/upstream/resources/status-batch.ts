import { z } from "zod";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { wireOptionalSafeInt, wireTimestamp } from "../transport/wire-scalars.ts";
import { wireList, wireOptional } from "../transport/wire-tolerance.ts";

const text = wireOptional(z.string());
const number = wireOptional(z.number());

const statusWire = z.object({
  status: z.string(),
  uptime: text,
  exited_at: text,
  in_progress: wireOptional(z.boolean()),
  boot_progress: text,
  boot_error: text,
  shutdown_progress: text,
  events: wireOptional(
    wireList(
      z.object({ event: z.string(), body: text, timestamp: z.number().transform(Math.round).pipe(z.int()) }),
    ),
  ),
  operation: wireOptional(
    z.object({ type: text, phase: text, started_at: wireOptional(wireTimestamp), correlation_id: text }),
  ),
  operation_type: text,
  operation_started_at: wireOptional(wireTimestamp),
  correlation_id: text,
  resource_usage: wireOptional(
    z.object({
      cpu_percent: number,
      memory_used_bytes: wireOptionalSafeInt,
      memory_total_bytes: wireOptionalSafeInt,
      egress_bytes: wireOptionalSafeInt,
    }),
  ),
});

type StatusWire = z.output<typeof statusWire>;

/** An entry without a status counts as missing. */
const batchWire = z.record(z.string(), wireOptional(statusWire.transform(toLiveState)));

/** Live state of a CVM, reported by its node. The guest reports the boot and shutdown texts. */
export type LiveState = ReturnType<typeof toLiveState>;

/** Convert the operation of the older wire format, whose members are on the top level. */
function toOldOperation(wire: StatusWire) {
  if (wire.operation_type === null && wire.correlation_id === null) return null;
  return {
    type: wire.operation_type,
    phase: null,
    startedAt: wire.operation_started_at,
    correlationId: wire.correlation_id,
  };
}

function toLiveState(wire: StatusWire) {
  const { operation, resource_usage: usage } = wire;
  return {
    rawStatus: wire.status,
    uptime: wire.uptime,
    inProgress: wire.in_progress ?? false,
    bootProgress: wire.boot_progress,
    bootError: wire.boot_error,
    shutdownProgress: wire.shutdown_progress,
    events: wire.events ?? [],
    operation: operation
      ? {
          type: operation.type ?? wire.operation_type,
          phase: operation.phase,
          startedAt: operation.started_at ?? wire.operation_started_at,
          correlationId: operation.correlation_id ?? wire.correlation_id,
        }
      : toOldOperation(wire),
    resourceUsage: usage && {
      cpuPercent: usage.cpu_percent,
      memoryUsedBytes: usage.memory_used_bytes,
      memoryTotalBytes: usage.memory_total_bytes,
      egressBytes: usage.egress_bytes,
    },
  };
}

/** Return a VM UUID as a key. Dashes and case differ between the answers of the REST API. */
export function toVmKey(vmUuid: string): string {
  return vmUuid.replaceAll("-", "").toLowerCase();
}

/**
 * Fetch live states: `POST /status/batch`. It has two wire formats, and both are read.
 *
 * @returns the states by {@link toVmKey}, without the VMs that the caller has no access to
 */
export async function fetchStatusBatch(
  upstream: Upstream,
  vmUuids: readonly string[],
): Promise<ReadonlyMap<string, LiveState>> {
  const reply = await upstream.send({
    method: "POST",
    path: ["status", "batch"],
    body: { json: { vm_uuids: vmUuids } },
    accept: [200],
    effect: "read",
  });
  const states = decodeJson(reply, batchWire);
  return new Map(
    Object.entries(states).flatMap(([vmUuid, state]) => (state === null ? [] : [[toVmKey(vmUuid), state]])),
  );
}
