import type { Cvm } from "../cvm/types.ts";
import { type ApiVersion, hasStringIds, isLegacyVersion } from "../http/api-version.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { describeCvm } from "./cvm-info.ts";
import { describeHostedCvm } from "./legacy-cvm.ts";

/** Describe a CVM as an item of a list, in the form of the requested version. */
export function describeCvmItem(workspace: Workspace, cvm: Cvm, now: number, version: ApiVersion) {
  return isLegacyVersion(version) ? describeHostedCvm(workspace, cvm, now) : describeCvm(workspace, cvm, now);
}

/** Return the id of a CVM. Versions before 2026-05-22 expect a number; the real API answers them with 0. */
export function describeCvmId(cvm: Cvm, version: ApiVersion): string | number {
  return hasStringIds(version) ? cvm.id : 0;
}
