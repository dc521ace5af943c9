import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { assertText } from "./assertions.ts";
import { formatPythonJson } from "./python-json.ts";

/**
 * Serialize an app-compose in the form that the Phala Cloud backend stores: keys sorted at every level, an
 * indent of four spaces, no space after `,` and `:`, UTF-8 without escapes. A `pre_launch_script` that is
 * null or empty is left out, as in the compose objects of the SDK. So are members that are `undefined`.
 *
 * The guest hashes the stored bytes and knows no canonical form. A hash predicted from this text is right
 * only if the backend still writes this form. Check first that it reproduces the CVM's present hash.
 *
 * @throws CryptoError `bad-text`, `bad-number`, `bad-json`
 */
export function serializeAppCompose(appCompose: Readonly<Record<string, unknown>>): string {
  const { pre_launch_script: script, ...rest } = appCompose;
  return formatPythonJson("appCompose", script ? appCompose : rest);
}

/**
 * Hash the text of an app-compose exactly as given.
 *
 * @returns SHA-256 of its UTF-8 bytes, 32 bytes
 * @throws CryptoError `bad-text`
 */
export function hashAppCompose(text: string): Uint8Array {
  assertText("text", text);
  return sha256(utf8ToBytes(text));
}
