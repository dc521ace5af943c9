import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { assertText } from "./assertions.ts";
import { formatPythonJson } from "./python-json.ts";

/**
 * Writes an app-compose the way the Phala Cloud backend stores it: keys sorted at every level, four
 * spaces of indent, `,` and `:` without a space, UTF-8 as it is; a `pre_launch_script` that is null or
 * empty left out, as the SDK's own compose objects do.
 *
 * The guest hashes the stored bytes and knows no canonical form, so this foretells a hash only as long as
 * the backend writes this form. Before believing it, see that it reproduces the hash of the file that the
 * CVM has now. Members with the value `undefined` are left out.
 *
 * @throws CryptoError `bad-text`, `bad-number`, `bad-json`
 */
export function serializeAppCompose(appCompose: Readonly<Record<string, unknown>>): string {
  const { pre_launch_script: script, ...rest } = appCompose;
  return formatPythonJson("appCompose", script ? appCompose : rest);
}

/**
 * Hashes the text of an app-compose, exactly as it stands.
 *
 * @returns SHA-256 of its UTF-8 bytes, 32 bytes
 * @throws CryptoError `bad-text`
 */
export function hashAppCompose(text: string): Uint8Array {
  assertText("text", text);
  return sha256(utf8ToBytes(text));
}
