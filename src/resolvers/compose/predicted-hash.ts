import { bytesToHex } from "@noble/hashes/utils.js";
import { composeForms, hashAppCompose, serializeAppCompose } from "../../crypto/compose-hash.ts";
import { CryptoError } from "../../crypto/crypto-error.ts";
import { type SettingChanges, toMeasuredSettings } from "../../upstream/configuration/settings.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * Predict the compose hash that the REST API will compute for a change.
 *
 * @param present - the app-compose that the CVM has now
 * @param presentHash - its compose hash as the REST API reports it, bare hex
 * @param changes - the settings that change; those that are not measured are ignored
 * @returns null unless the same serialisation reproduces the present hash from the present app-compose
 */
export function predictComposeHash(
  present: Json,
  presentHash: string | null,
  changes: SettingChanges,
): string | null {
  if (presentHash === null || computeHash(present) !== presentHash) return null;
  return computeHash({ ...present, ...toMeasuredSettings(changes) });
}

function computeHash(appCompose: Json): string | null {
  try {
    return bytesToHex(hashAppCompose(serializeAppCompose(appCompose, composeForms.indented)));
  } catch (error) {
    // A number or text without an exact form: what the backend would write cannot be known.
    if (error instanceof CryptoError) return null;
    throw error;
  }
}
