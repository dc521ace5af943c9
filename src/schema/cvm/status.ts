import type { Cvm as CvmModel } from "../../upstream/resources/cvms.ts";
import { builder } from "../core/builder.ts";
import { createEnumReader } from "../core/open-vocabulary.ts";

const statuses = {
  RUNNING: { description: "The CVM is running." },
  STOPPED: { description: "The CVM is off because it was stopped." },
  EXITED: { description: "The CVM is off although it should run: it crashed or powered itself off." },
  STARTING: { description: "The CVM is starting." },
  STOPPING: { description: "The CVM is being stopped by force." },
  SHUTTING_DOWN: { description: "The CVM is shutting down gracefully." },
  RESTARTING: { description: "The CVM is restarting." },
  UPDATING: { description: "A configuration change is being applied." },
  PROVISIONING: { description: "Resources for the CVM are being prepared." },
  CREATING: { description: "The CVM is being created." },
  IN_PROGRESS: { description: "An operation is running, and the REST API does not say which." },
  REMOVING: { description: "The CVM is being deleted." },
  FAILED: { description: "The CVM could not be created." },
  ERROR: { description: "The CVM is in an error state." },
  MAINTENANCE: { description: "The CVM's node is under maintenance." },
  OFFLINE: { description: "The CVM's node cannot be reached." },
  OTHER: { description: "Status that this API does not know yet. See rawStatus." },
} as const;

const names = Object.keys(statuses).filter((name): name is keyof typeof statuses => name in statuses);

/** Status of a CVM, both as recorded (`Cvm.status`) and live (`CvmState.status`). */
export const CvmStatus = builder.enumType("CvmStatus", {
  description: "What a CVM is doing. The REST API can add statuses at any time; they appear here as OTHER.",
  values: statuses,
});

/** Convert a status of the REST API to its enum value. */
export const toCvmStatus = createEnumReader(names, { SHUTDOWN: "STOPPED", SHUTOFF: "STOPPED" });

/** `Cvm.progress` */
export const CvmProgress = builder.objectRef<NonNullable<CvmModel["progress"]>>("CvmProgress").implement({
  description:
    "Operation that is running on a CVM. Follow it with Query.operation or Subscription.operation and its correlationId.",
  fields: (t) => ({
    target: t.exposeString("target", {
      description: "Status that the CVM has when the operation succeeds, as the REST API spells it.",
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
