import { builder } from "../core/builder.ts";
import { toEnumValue } from "../core/open-vocabulary.ts";

const statuses = {
  RUNNING: { description: "It runs." },
  STOPPED: { description: "It is off because it was stopped." },
  EXITED: { description: "It should run but does not: it crashed or powered itself off." },
  STARTING: { description: "It is being started." },
  STOPPING: { description: "It is being stopped by force." },
  SHUTTING_DOWN: { description: "It is being shut down gracefully." },
  RESTARTING: { description: "It is being restarted." },
  UPDATING: { description: "A change of its configuration is being applied." },
  PROVISIONING: { description: "Its resources are being prepared." },
  CREATING: { description: "It is being created." },
  IN_PROGRESS: { description: "Some operation runs." },
  REMOVING: { description: "It is being deleted." },
  FAILED: { description: "Its creation failed." },
  ERROR: { description: "It is in an error state." },
  MAINTENANCE: { description: "Its node is under maintenance." },
  OFFLINE: { description: "Its node cannot be reached." },
  OTHER: { description: "A status that this API does not know yet: read rawStatus." },
} as const;

const names = Object.keys(statuses).filter((name): name is keyof typeof statuses => name in statuses);

/** The status enum of CVMs and of their live state. */
export const CvmStatus = builder.enumType("CvmStatus", {
  description: "What a CVM does, as far as the REST API's open vocabulary is known.",
  values: statuses,
});

/** The enum value for a status word of the REST API. */
export function toCvmStatus(rawStatus: string): keyof typeof statuses {
  return toEnumValue(names, rawStatus, { SHUTDOWN: "STOPPED", SHUTOFF: "STOPPED" });
}
