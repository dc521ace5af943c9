import type { LiveState } from "../../upstream/resources/status-batch.ts";
import { builder } from "../core/builder.ts";
import { CvmStatus, toCvmStatus } from "./status.ts";

const CvmStateOperation = builder
  .objectRef<NonNullable<LiveState["operation"]>>("CvmStateOperation")
  .implement({
    description: "The operation that the node carries out.",
    fields: (t) => ({
      type: t.exposeString("type", { nullable: true, description: "Its kind in the REST API's own word." }),
      phase: t.exposeString("phase", {
        nullable: true,
        description: "Its phase in the REST API's own word.",
      }),
      startedAt: t.expose("startedAt", { type: "DateTime", nullable: true, description: "When it started." }),
      correlationId: t.exposeID("correlationId", { nullable: true, description: "The id that names it." }),
    }),
  });

const CvmResourceUsage = builder
  .objectRef<NonNullable<LiveState["resourceUsage"]>>("CvmResourceUsage")
  .implement({
    description: "What the CVM uses now, measured by the node.",
    fields: (t) => ({
      cpuPercent: t.exposeFloat("cpuPercent", { nullable: true, description: "CPU use in percent." }),
      memoryUsedBytes: t.expose("memoryUsedBytes", {
        type: "SafeInt",
        nullable: true,
        description: "Memory in use.",
      }),
      memoryTotalBytes: t.expose("memoryTotalBytes", {
        type: "SafeInt",
        nullable: true,
        description: "Memory in all.",
      }),
      egressBytes: t.expose("egressBytes", { type: "SafeInt", nullable: true, description: "Bytes sent." }),
    }),
  });

const CvmStateEvent = builder.objectRef<LiveState["events"][number]>("CvmStateEvent").implement({
  description: "Something that the guest reported while it booted or shut down.",
  fields: (t) => ({
    event: t.exposeString("event", { description: "Its kind in the guest's own word." }),
    body: t.exposeString("body", { nullable: true, description: "What the guest said." }),
    timestamp: t.expose("timestamp", {
      type: "SafeInt",
      description: "When, as the node counts.",
    }),
  }),
});

/** `Cvm.state` */
export const CvmState = builder.objectRef<LiveState>("CvmState").implement({
  description: "What the node says of a CVM at this moment.",
  fields: (t) => ({
    status: t.field({
      type: CvmStatus,
      description: "What it does now.",
      resolve: (state) => toCvmStatus(state.rawStatus),
    }),
    rawStatus: t.exposeString("rawStatus", {
      description: "The status in the REST API's own word.",
    }),
    inProgress: t.exposeBoolean("inProgress", { description: "Whether an operation runs." }),
    uptime: t.exposeString("uptime", {
      nullable: true,
      description: "Since when it runs, in the node's words, for example 2h30m.",
    }),
    bootProgress: t.exposeString("bootProgress", {
      nullable: true,
      description: "The boot step in the guest's words; `done` at its end.",
    }),
    bootError: t.exposeString("bootError", {
      nullable: true,
      description: "Why it did not boot, in the guest's words.",
    }),
    shutdownProgress: t.exposeString("shutdownProgress", {
      nullable: true,
      description: "The shutdown step in the guest's words.",
    }),
    operation: t.expose("operation", {
      type: CvmStateOperation,
      nullable: true,
      description: "The running operation.",
    }),
    resourceUsage: t.expose("resourceUsage", {
      type: CvmResourceUsage,
      nullable: true,
      description: "What it uses now.",
    }),
    events: t.expose("events", {
      type: [CvmStateEvent],
      description: "What the guest reported last.",
    }),
  }),
});
