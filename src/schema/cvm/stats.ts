import type { CvmStats as CvmStatsModel } from "../../upstream/resources/stats.ts";
import { builder } from "../core/builder.ts";

type SystemInfoModel = NonNullable<CvmStatsModel["sysinfo"]>;

const SystemDisk = builder.objectRef<SystemInfoModel["disks"][number]>("SystemDisk").implement({
  description: "A disk of the guest.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "Its device name." }),
    mountPoint: t.exposeString("mountPoint", { nullable: true, description: "Where it is mounted." }),
    totalBytes: t.expose("totalBytes", { type: "SafeInt", nullable: true, description: "Its size." }),
    freeBytes: t.expose("freeBytes", {
      type: "SafeInt",
      nullable: true,
      description: "What is free on it.",
    }),
  }),
});

const SystemInfo = builder.objectRef<SystemInfoModel>("SystemInfo").implement({
  description: "The guest's own figures.",
  fields: (t) => ({
    osName: t.exposeString("osName", { nullable: true, description: "The guest's OS." }),
    osVersion: t.exposeString("osVersion", { nullable: true, description: "Its version." }),
    kernelVersion: t.exposeString("kernelVersion", { nullable: true, description: "The kernel's version." }),
    cpuModel: t.exposeString("cpuModel", { nullable: true, description: "The CPU's model." }),
    cpuCount: t.expose("cpuCount", { type: "SafeInt", nullable: true, description: "The number of CPUs." }),
    totalMemoryBytes: t.expose("totalMemoryBytes", {
      type: "SafeInt",
      nullable: true,
      description: "Memory in all.",
    }),
    availableMemoryBytes: t.expose("availableMemoryBytes", {
      type: "SafeInt",
      nullable: true,
      description: "Memory that can be had.",
    }),
    usedMemoryBytes: t.expose("usedMemoryBytes", {
      type: "SafeInt",
      nullable: true,
      description: "Memory in use.",
    }),
    freeMemoryBytes: t.expose("freeMemoryBytes", {
      type: "SafeInt",
      nullable: true,
      description: "Memory that nothing uses.",
    }),
    totalSwapBytes: t.expose("totalSwapBytes", {
      type: "SafeInt",
      nullable: true,
      description: "Swap in all.",
    }),
    usedSwapBytes: t.expose("usedSwapBytes", {
      type: "SafeInt",
      nullable: true,
      description: "Swap in use.",
    }),
    freeSwapBytes: t.expose("freeSwapBytes", {
      type: "SafeInt",
      nullable: true,
      description: "Swap that nothing uses.",
    }),
    uptimeSeconds: t.expose("uptimeSeconds", {
      type: "SafeInt",
      nullable: true,
      description: "How long the guest is up.",
    }),
    loadAverageOne: t.exposeFloat("loadAverageOne", {
      nullable: true,
      description: "Load over 1 minute; the REST API documents no scale.",
    }),
    loadAverageFive: t.exposeFloat("loadAverageFive", {
      nullable: true,
      description: "Load over 5 minutes.",
    }),
    loadAverageFifteen: t.exposeFloat("loadAverageFifteen", {
      nullable: true,
      description: "Load over 15 minutes.",
    }),
    disks: t.expose("disks", { type: [SystemDisk], description: "Its disks." }),
  }),
});

/** `Cvm.stats` */
export const CvmStats = builder.objectRef<CvmStatsModel>("CvmStats").implement({
  description: "What the guest measures of itself, where it is online and its figures are public.",
  fields: (t) => ({
    isOnline: t.exposeBoolean("isOnline", { description: "Whether the guest answers." }),
    isPublic: t.exposeBoolean("isPublic", {
      description: "Whether it publishes its figures.",
    }),
    error: t.exposeString("error", { nullable: true, description: "Why there are none." }),
    sysinfo: t.expose("sysinfo", { type: SystemInfo, nullable: true, description: "The figures." }),
  }),
});
