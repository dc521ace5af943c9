import { z } from "zod";
import type { CvmRef } from "../cvm-ref.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { toSafeInt, wireFlag, wireNumber, wireText } from "../transport/wire-scalars.ts";
import { listKnown, wireItems, wireObject } from "../transport/wire-tolerance.ts";

const sysinfoObject = z.object({
  os_name: wireText,
  os_version: wireText,
  kernel_version: wireText,
  cpu_model: wireText,
  num_cpus: wireNumber,
  total_memory: wireNumber,
  available_memory: wireNumber,
  used_memory: wireNumber,
  free_memory: wireNumber,
  total_swap: wireNumber,
  used_swap: wireNumber,
  free_swap: wireNumber,
  uptime: wireNumber,
  loadavg_one: wireNumber,
  loadavg_five: wireNumber,
  loadavg_fifteen: wireNumber,
  disks: wireItems(
    z.object({ name: z.string(), mount_point: wireText, total_size: wireNumber, free_size: wireNumber }),
  ).nullish(),
});

function toSysinfo(wire: z.output<typeof sysinfoObject>) {
  return {
    osName: wire.os_name ?? null,
    osVersion: wire.os_version ?? null,
    kernelVersion: wire.kernel_version ?? null,
    cpuModel: wire.cpu_model ?? null,
    cpuCount: toSafeInt(wire.num_cpus),
    totalMemoryBytes: toSafeInt(wire.total_memory),
    availableMemoryBytes: toSafeInt(wire.available_memory),
    usedMemoryBytes: toSafeInt(wire.used_memory),
    freeMemoryBytes: toSafeInt(wire.free_memory),
    totalSwapBytes: toSafeInt(wire.total_swap),
    usedSwapBytes: toSafeInt(wire.used_swap),
    freeSwapBytes: toSafeInt(wire.free_swap),
    uptimeSeconds: toSafeInt(wire.uptime),
    loadAverageOne: wire.loadavg_one ?? null,
    loadAverageFive: wire.loadavg_five ?? null,
    loadAverageFifteen: wire.loadavg_fifteen ?? null,
    disks: listKnown(wire.disks).map((disk) => ({
      name: disk.name,
      mountPoint: disk.mount_point ?? null,
      totalBytes: toSafeInt(disk.total_size),
      freeBytes: toSafeInt(disk.free_size),
    })),
  };
}

const statsWire = wireObject(
  { is_online: wireFlag, is_public: wireFlag, error: wireText, sysinfo: sysinfoObject.nullish() },
  (wire) => {
    const sysinfo = wire.sysinfo ? toSysinfo(wire.sysinfo) : null;
    return {
      isOnline: wire.is_online ?? sysinfo !== null,
      isPublic: wire.is_public ?? true,
      error: wire.error ?? null,
      sysinfo,
    };
  },
);

/** Statistics reported by the guest. `error` says why an offline or private CVM reports none. */
export type CvmStats = z.output<typeof statsWire>;

/** Fetch the statistics of a CVM: `GET /cvms/{id}/stats`. */
export async function fetchStats(upstream: Upstream, ref: CvmRef): Promise<CvmStats> {
  const reply = await upstream.send({
    method: "GET",
    path: ["cvms", ref, "stats"],
    accept: [200],
    effect: "read",
  });
  return decodeJson(reply, statsWire);
}
