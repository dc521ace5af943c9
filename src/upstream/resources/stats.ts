import { z } from "zod";
import type { CvmRef } from "../cvm-ref.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { wireOptionalSafeInt } from "../transport/wire-scalars.ts";
import { wireDefault, wireList, wireOptional } from "../transport/wire-tolerance.ts";

const text = wireOptional(z.string());
const number = wireOptional(z.number());
const count = wireOptionalSafeInt;

const sysinfoWire = z
  .object({
    os_name: text,
    os_version: text,
    kernel_version: text,
    cpu_model: text,
    num_cpus: count,
    total_memory: count,
    available_memory: count,
    used_memory: count,
    free_memory: count,
    total_swap: count,
    used_swap: count,
    free_swap: count,
    uptime: count,
    loadavg_one: number,
    loadavg_five: number,
    loadavg_fifteen: number,
    disks: wireOptional(
      wireList(z.object({ name: z.string(), mount_point: text, total_size: count, free_size: count })),
    ),
  })
  .transform((wire) => ({
    osName: wire.os_name,
    osVersion: wire.os_version,
    kernelVersion: wire.kernel_version,
    cpuModel: wire.cpu_model,
    cpuCount: wire.num_cpus,
    totalMemoryBytes: wire.total_memory,
    availableMemoryBytes: wire.available_memory,
    usedMemoryBytes: wire.used_memory,
    freeMemoryBytes: wire.free_memory,
    totalSwapBytes: wire.total_swap,
    usedSwapBytes: wire.used_swap,
    freeSwapBytes: wire.free_swap,
    uptimeSeconds: wire.uptime,
    loadAverageOne: wire.loadavg_one,
    loadAverageFive: wire.loadavg_five,
    loadAverageFifteen: wire.loadavg_fifteen,
    disks: (wire.disks ?? []).map((disk) => ({
      name: disk.name,
      mountPoint: disk.mount_point,
      totalBytes: disk.total_size,
      freeBytes: disk.free_size,
    })),
  }));

const statsWire = z.object({
  is_online: wireOptional(z.boolean()),
  is_public: wireDefault(z.boolean(), true),
  error: text,
  sysinfo: wireOptional(sysinfoWire),
});

/** Statistics reported by the guest. `error` says why an offline or private CVM reports none. */
export type CvmStats = Awaited<ReturnType<typeof fetchStats>>;

/** Fetch the statistics of a CVM: `GET /cvms/{id}/stats`. */
export async function fetchStats(upstream: Upstream, ref: CvmRef) {
  const reply = await upstream.send({
    method: "GET",
    path: ["cvms", ref, "stats"],
    accept: [200],
    effect: "read",
  });
  const wire = decodeJson(reply, statsWire);
  const { is_online: isOnline, is_public: isPublic, error, sysinfo } = wire;
  return { isOnline: isOnline ?? sysinfo !== null, isPublic, error, sysinfo };
}
