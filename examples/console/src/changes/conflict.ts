import type { CvmDetailsFragment } from "../gql/graphql.ts";

/** Setting that somebody else has changed. */
export type ForeignChange = { readonly label: string; readonly before: string; readonly after: string };

/** Settings of a CVM that can be compared without reading more, by their names. */
function listSettings({ resources, visibility, os }: CvmDetailsFragment): Readonly<Record<string, unknown>> {
  return {
    vCPUs: resources.vcpu,
    "memory in MB": resources.memoryMb,
    "disk in GB": resources.diskSizeGb,
    "public logs": visibility.publicLogs,
    "public statistics": visibility.publicSysinfo,
    "public measurements": visibility.publicTcbinfo,
    "OS image": os?.name,
  };
}

function describe(value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return String(value ?? "unknown");
}

/** List what has changed between two reads of a CVM. The compose file and the names of variables are not compared. */
export function listForeignChanges(base: CvmDetailsFragment, present: CvmDetailsFragment): ForeignChange[] {
  const after = listSettings(present);
  return Object.entries(listSettings(base))
    .filter(([label, value]) => after[label] !== value)
    .map(([label, value]) => ({ label, before: describe(value), after: describe(after[label]) }));
}
