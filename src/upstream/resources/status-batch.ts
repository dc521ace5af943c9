import { z } from "zod";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import {
  parseTimestamp,
  toSafeInt,
  wireFlag,
  wireNumber,
  wireText,
  wireUnknown,
} from "../transport/wire-scalars.ts";
import { listKnown, wireItems, wireMap, wireObject } from "../transport/wire-tolerance.ts";

const statusObject = z.object({
  status: z.string(),
  uptime: wireText,
  in_progress: wireFlag,
  boot_progress: wireText,
  boot_error: wireText,
  shutdown_progress: wireText,
  events: wireItems(z.object({ event: z.string(), body: wireText, timestamp: z.number() })).nullish(),
  operation: z
    .object({ type: wireText, phase: wireText, started_at: wireUnknown, correlation_id: wireText })
    .nullish(),
  operation_type: wireText,
  operation_started_at: wireUnknown,
  correlation_id: wireText,
  resource_usage: z
    .object({
      cpu_percent: wireNumber,
      memory_used_bytes: wireNumber,
      memory_total_bytes: wireNumber,
      egress_bytes: wireNumber,
    })
    .nullish(),
});

type StatusWire = z.output<typeof statusObject>;

const liveStateWire = wireObject(statusObject.shape, toLiveState);

/** An entry without a status counts as missing. */
const batchWire = wireMap(liveStateWire);

/** Live state of a CVM, reported by its node. The guest reports the boot and shutdown texts. */
export type LiveState = z.output<typeof liveStateWire>;

/** Convert the running operation. In the older wire format, its members are on the top level. */
function toOperation(wire: StatusWire) {
  const { operation } = wire;
  const type = operation?.type ?? wire.operation_type ?? null;
  const correlationId = operation?.correlation_id ?? wire.correlation_id ?? null;
  if (!operation && type === null && correlationId === null) return null;
  const startedAt = parseTimestamp(operation?.started_at) ?? parseTimestamp(wire.operation_started_at);
  return { type, phase: operation?.phase ?? null, startedAt, correlationId };
}

function toEvents(events: StatusWire["events"]) {
  return listKnown(events).flatMap(({ event, body = null, timestamp }) => {
    const rounded = toSafeInt(timestamp);
    return rounded === null ? [] : [{ event, body, timestamp: rounded }];
  });
}

function toResourceUsage(usage: NonNullable<StatusWire["resource_usage"]>) {
  return {
    cpuPercent: usage.cpu_percent ?? null,
    memoryUsedBytes: toSafeInt(usage.memory_used_bytes),
    memoryTotalBytes: toSafeInt(usage.memory_total_bytes),
    egressBytes: toSafeInt(usage.egress_bytes),
  };
}

function toLiveState(wire: StatusWire) {
  return {
    rawStatus: wire.status,
    uptime: wire.uptime ?? null,
    inProgress: wire.in_progress ?? false,
    bootProgress: wire.boot_progress ?? null,
    bootError: wire.boot_error ?? null,
    shutdownProgress: wire.shutdown_progress ?? null,
    events: toEvents(wire.events),
    operation: toOperation(wire),
    resourceUsage: wire.resource_usage ? toResourceUsage(wire.resource_usage) : null,
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
    [...states].flatMap(([vmUuid, state]) => (state === null ? [] : [[toVmKey(vmUuid), state]])),
  );
}
