import type { Cvm as CvmModel } from "../../upstream/resources/cvms.ts";
import type { LiveState } from "../../upstream/resources/status-batch.ts";
import { builder } from "../core/builder.ts";
import { CvmStatus, toCvmStatus } from "./status.ts";

const CvmStateOperation = builder
  .objectRef<NonNullable<LiveState["operation"]>>("CvmStateOperation")
  .implement({
    description: "Operation that a CVM's node is running now.",
    fields: (t) => ({
      type: t.exposeString("type", {
        nullable: true,
        description: "Type of the operation, as the REST API spells it.",
      }),
      phase: t.exposeString("phase", {
        nullable: true,
        description: "Current phase of the operation, as the REST API spells it.",
      }),
      startedAt: t.expose("startedAt", {
        type: "DateTime",
        nullable: true,
        description: "When the operation started.",
      }),
      correlationId: t.exposeID("correlationId", {
        nullable: true,
        description: "Id of the operation, the same as Operation.correlationId.",
      }),
    }),
  });

const CvmResourceUsage = builder
  .objectRef<NonNullable<LiveState["resourceUsage"]>>("CvmResourceUsage")
  .implement({
    description: "Resources that a CVM uses now, as measured by its node.",
    fields: (t) => ({
      cpuPercent: t.exposeFloat("cpuPercent", { nullable: true, description: "CPU usage in percent." }),
      memoryUsedBytes: t.expose("memoryUsedBytes", {
        type: "SafeInt",
        nullable: true,
        description: "Used memory in bytes.",
      }),
      memoryTotalBytes: t.expose("memoryTotalBytes", {
        type: "SafeInt",
        nullable: true,
        description: "Total memory in bytes.",
      }),
      egressBytes: t.expose("egressBytes", {
        type: "SafeInt",
        nullable: true,
        description: "Outgoing network traffic in bytes.",
      }),
    }),
  });

const CvmStateEvent = builder.objectRef<LiveState["events"][number]>("CvmStateEvent").implement({
  description: "Event that the guest, that is, the OS inside a CVM, reported during a boot or a shutdown.",
  fields: (t) => ({
    event: t.exposeString("event", { description: "Type of the event, as the guest reports it." }),
    body: t.exposeString("body", { nullable: true, description: "Text of the event." }),
    timestamp: t.expose("timestamp", {
      type: "SafeInt",
      description: "Time of the event, as the node reports it. The REST API does not document the unit.",
    }),
  }),
});

/** A live state with its CVM, or with the id of a CVM that is to be found. */
type CvmStateModel = LiveState & { readonly cvm: CvmModel | CvmModel["id"] };

/** `Cvm.state` */
export const CvmState = builder.objectRef<CvmStateModel>("CvmState").implement({
  description:
    "Live state of a CVM, read from its node. It is more recent than Cvm.status, and it shows the steps of a boot or a shutdown.",
  fields: (t) => ({
    status: t.field({
      type: CvmStatus,
      description: "What the CVM is doing now.",
      resolve: (state) => toCvmStatus(state.rawStatus),
    }),
    rawStatus: t.exposeString("rawStatus", { description: "Status as the REST API spells it." }),
    inProgress: t.exposeBoolean("inProgress", { description: "Whether an operation is running." }),
    uptime: t.exposeString("uptime", {
      nullable: true,
      description: "How long the CVM has been running, as the node formats it, for example 2h30m.",
    }),
    bootProgress: t.exposeString("bootProgress", {
      nullable: true,
      description: "Current boot step, as the guest reports it. `done` at the end of the boot.",
    }),
    bootError: t.exposeString("bootError", {
      nullable: true,
      description: "Why the boot failed, as the guest reports it. Null if it did not fail.",
    }),
    shutdownProgress: t.exposeString("shutdownProgress", {
      nullable: true,
      description: "Current shutdown step, as the guest reports it.",
    }),
    operation: t.expose("operation", {
      type: CvmStateOperation,
      nullable: true,
      description: "Running operation. Null if none is running.",
    }),
    resourceUsage: t.expose("resourceUsage", {
      type: CvmResourceUsage,
      nullable: true,
      description: "Resources that the CVM uses now. Null if the node does not report them.",
    }),
    events: t.expose("events", {
      type: [CvmStateEvent],
      description: "Latest events that the guest reported.",
    }),
  }),
});
