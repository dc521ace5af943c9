import type { CvmStats as CvmStatsModel } from "../../upstream/resources/stats.ts";
import { builder } from "../core/builder.ts";

type SystemInfoModel = NonNullable<CvmStatsModel["sysinfo"]>;

const SystemDisk = builder.objectRef<SystemInfoModel["disks"][number]>("SystemDisk").implement({
  description: "Disk of the guest, with its size and free space.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "Device name." }),
    mountPoint: t.exposeString("mountPoint", {
      nullable: true,
      description: "Directory where it is mounted.",
    }),
    totalBytes: t.expose("totalBytes", {
      type: "SafeInt",
      nullable: true,
      description: "Size of the disk in bytes.",
    }),
    freeBytes: t.expose("freeBytes", {
      type: "SafeInt",
      nullable: true,
      description: "Free space in bytes.",
    }),
  }),
});

const SystemInfo = builder.objectRef<SystemInfoModel>("SystemInfo").implement({
  description: "System statistics of the guest, that is, the OS inside a CVM.",
  fields: (t) => ({
    osName: t.exposeString("osName", { nullable: true, description: "Name of the OS." }),
    osVersion: t.exposeString("osVersion", { nullable: true, description: "Version of the OS." }),
    kernelVersion: t.exposeString("kernelVersion", { nullable: true, description: "Version of the kernel." }),
    cpuModel: t.exposeString("cpuModel", { nullable: true, description: "Model of the CPU." }),
    cpuCount: t.expose("cpuCount", { type: "SafeInt", nullable: true, description: "Number of CPUs." }),
    totalMemoryBytes: t.expose("totalMemoryBytes", {
      type: "SafeInt",
      nullable: true,
      description: "Total memory in bytes.",
    }),
    availableMemoryBytes: t.expose("availableMemoryBytes", {
      type: "SafeInt",
      nullable: true,
      description: "Memory in bytes that programs can still allocate.",
    }),
    usedMemoryBytes: t.expose("usedMemoryBytes", {
      type: "SafeInt",
      nullable: true,
      description: "Used memory in bytes.",
    }),
    freeMemoryBytes: t.expose("freeMemoryBytes", {
      type: "SafeInt",
      nullable: true,
      description: "Unused memory in bytes, without caches.",
    }),
    totalSwapBytes: t.expose("totalSwapBytes", {
      type: "SafeInt",
      nullable: true,
      description: "Total swap space in bytes.",
    }),
    usedSwapBytes: t.expose("usedSwapBytes", {
      type: "SafeInt",
      nullable: true,
      description: "Used swap space in bytes.",
    }),
    freeSwapBytes: t.expose("freeSwapBytes", {
      type: "SafeInt",
      nullable: true,
      description: "Free swap space in bytes.",
    }),
    uptimeSeconds: t.expose("uptimeSeconds", {
      type: "SafeInt",
      nullable: true,
      description: "Time since the guest booted, in seconds.",
    }),
    loadAverageOne: t.exposeFloat("loadAverageOne", {
      nullable: true,
      description: "Load average over 1 minute. The REST API does not document the scale.",
    }),
    loadAverageFive: t.exposeFloat("loadAverageFive", {
      nullable: true,
      description: "Load average over 5 minutes.",
    }),
    loadAverageFifteen: t.exposeFloat("loadAverageFifteen", {
      nullable: true,
      description: "Load average over 15 minutes.",
    }),
    disks: t.expose("disks", { type: [SystemDisk], description: "Disks of the guest." }),
  }),
});

/** `Cvm.stats` */
export const CvmStats = builder.objectRef<CvmStatsModel>("CvmStats").implement({
  description:
    "System statistics of a CVM, as reported by its guest. They are available while the CVM is online and its statistics are public.",
  fields: (t) => ({
    isOnline: t.exposeBoolean("isOnline", { description: "Whether the guest responds." }),
    isPublic: t.exposeBoolean("isPublic", { description: "Whether the CVM publishes its statistics." }),
    error: t.exposeString("error", {
      nullable: true,
      description: "Why the statistics are missing. Null if they are not.",
    }),
    sysinfo: t.expose("sysinfo", {
      type: SystemInfo,
      nullable: true,
      description: "Statistics. Null if the guest is offline or does not publish them.",
    }),
  }),
});
