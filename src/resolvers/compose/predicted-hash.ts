import { bytesToHex } from "@noble/hashes/utils.js";
import { editAppCompose, findMeasuredText } from "../../crypto/compose-edit.ts";
import { hashAppCompose } from "../../crypto/compose-hash.ts";
import { CryptoError } from "../../crypto/crypto-error.ts";
import type { AppCompose } from "../../upstream/configuration/compose-file.ts";
import {
  cvmSettings,
  type SettingChanges,
  toMeasuredSettings,
} from "../../upstream/configuration/settings.ts";

/** Settings that change the app-compose. */
export type MeasuredChange = SettingChanges & { readonly allowedEnvs?: readonly string[] | undefined };

type File = Pick<AppCompose, "source">;

/**
 * Predict the compose hashes that a CVM can have after a change, the most likely first. There are several where
 * the REST API has a choice: it may store a list of names as sent or sorted, and keep an empty script or drop it.
 *
 * The changed file is written in the form of the present one.
 *
 * @param file - the app-compose that the CVM has now
 * @param presentHash - its compose hash as the REST API reports it, bare hex
 * @param change - the settings that change; those that are not measured are ignored
 * @returns null if no known form gives the present hash, so that the hash of the change is unknown
 */
export function predictComposeHashes(
  { source }: File,
  presentHash: string | null,
  change: MeasuredChange,
): readonly string[] | null {
  if (presentHash === null) return null;
  try {
    const text = findMeasuredText(source, presentHash);
    return text === null ? null : hashVariants(text, change);
  } catch (error) {
    // A number or text without an exact form: what the backend would write cannot be known.
    if (error instanceof CryptoError) return null;
    throw error;
  }
}

/**
 * Return the text that the REST API hashed.
 *
 * @returns null if the REST API gave out an object whose text has another hash
 */
export function findComposeText({ source, isRaw }: AppCompose, composeHash: string | null): string | null {
  return isRaw || bytesToHex(hashAppCompose(source)) === composeHash ? source : null;
}

function hashVariants(text: string, change: MeasuredChange): readonly string[] | null {
  const { allowedEnvs } = change;
  const lists =
    allowedEnvs === undefined ? [change] : [change, { ...change, allowedEnvs: allowedEnvs.toSorted() }];
  const texts = lists.flatMap((variant) => {
    const settings = toMeasuredSettings(variant);
    const edit = (emptyScript: "kept" | "dropped") => editAppCompose(text, settings, emptyScript);
    return settings[cvmSettings.preLaunchScript.wire] === ""
      ? [edit("dropped"), edit("kept")]
      : [edit("kept")];
  });
  const hashes = texts.flatMap((changed) => (changed === null ? [] : [bytesToHex(hashAppCompose(changed))]));
  return hashes.length === texts.length ? [...new Set(hashes)] : null;
}
