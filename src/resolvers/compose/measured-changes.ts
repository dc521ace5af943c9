import { isDeepStrictEqual } from "node:util";
import type { AppCompose } from "../../upstream/configuration/compose-file.ts";
import {
  cvmSettings,
  measuredSettingNames,
  type SettingName,
} from "../../upstream/configuration/settings.ts";
import type { MeasuredChange } from "./predicted-hash.ts";

/**
 * List the settings of a change that replace a value in the app-compose. Only these change the compose hash.
 *
 * A value that the app-compose does not have yet is a change, also if it is the default of the REST API. Only an
 * empty pre-launch script is the same as none.
 */
export function listMeasuredChanges(file: Pick<AppCompose, "json">, change: MeasuredChange): SettingName[] {
  return measuredSettingNames.filter((name) => {
    const value = change[name];
    const present = file.json[cvmSettings[name].wire];
    if (value === undefined || isDeepStrictEqual(present, value)) return false;
    return !(name === "preLaunchScript" && value === "" && (present ?? "") === "");
  });
}
