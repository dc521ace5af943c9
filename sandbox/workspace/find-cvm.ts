import type { Cvm } from "../cvm/types.ts";
import { businessError } from "../http/api-error.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Return the CVM that a path names. Accepted are `cvm_…`, a UUID with or without dashes, an app id (40 hex
 * digits, with or without `app_`), `instance_` and 40 hex digits, and a name.
 *
 * @throws ApiError 404; 400 when an app id or a name matches several CVMs
 */
export function findCvm(workspace: Workspace, identifier: string): Cvm {
  const text = identifier.trim();
  const lower = text.toLowerCase();
  const { cvms } = workspace;
  const appId = /^(?:app_|app_id_|0x)?([0-9a-f]{40})$/.exec(lower)?.[1];
  if (appId !== undefined) {
    const instances = cvms.filter((cvm) => cvm.appId === appId);
    return pickOne(
      instances,
      "ERR-03-010",
      "The app has several CVMs. Name one by its vm_uuid or its instance id.",
    );
  }
  const instanceId = /^instance_([0-9a-f]{40})$/.exec(lower)?.[1];
  if (instanceId !== undefined) return pickOne(cvms.filter((cvm) => cvm.instanceId === instanceId));
  const uuid = lower.replaceAll("-", "");
  const byId = cvms.filter((cvm) => cvm.id === text || cvm.vmUuid.replaceAll("-", "") === uuid);
  if (byId.length > 0) return pickOne(byId);
  const named = cvms.filter((cvm) => cvm.name.toLowerCase() === lower);
  return pickOne(named, "ERR-03-002", "Several CVMs have this name. Name one by its id.");
}

function pickOne(cvms: readonly Cvm[], ambiguousCode = "ERR-03-002", ambiguousMessage = "Ambiguous"): Cvm {
  const [cvm] = cvms;
  if (cvm === undefined) {
    throw businessError(404, "ERR-03-001", "CVM not found", {
      suggestions: ["List the CVMs of the workspace with GET /cvms/paginated."],
    });
  }
  if (cvms.length > 1) {
    throw businessError(400, ambiguousCode, ambiguousMessage, {
      details: cvms.map(({ vmUuid }) => ({ field: "vm_uuid", value: vmUuid, message: null })),
    });
  }
  return cvm;
}
