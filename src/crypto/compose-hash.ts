import { createHash } from "node:crypto";
import { assertText } from "./assertions.ts";
import { type JsonLayout, writeJsonText } from "./json-text.ts";
import { sortJson, toPythonJson } from "./python-json.ts";

/** Form in which an app-compose is written. Strings are UTF-8 without escapes. */
export type ComposeForm = JsonLayout & {
  /** Whether the members of all objects are sorted by name. Otherwise they keep their order. */
  readonly sorted: boolean;
};

/** Forms that app-composes of real CVMs have. */
export const composeForms = {
  /** What the Phala Cloud backend writes in 2026: one line, sorted, no blanks. */
  compact: { indent: null, afterColon: "", afterComma: "", sorted: true },
  /** What it wrote in 2025: an indent of four spaces, sorted, no blank after a colon. */
  indented: { indent: "    ", afterColon: "", afterComma: "", sorted: true },
  /** What other tools write: an indent of four spaces, unsorted, a blank after each colon. */
  indentedUnsorted: { indent: "    ", afterColon: " ", afterComma: "", sorted: false },
} as const satisfies Readonly<Record<string, ComposeForm>>;

/**
 * Serialize an app-compose in a form. A `pre_launch_script` that is null or empty is left out, as in the
 * compose objects of the SDK. So are members that are `undefined`.
 *
 * The guest hashes the stored bytes and knows no canonical form, so the hash of this text is the compose hash
 * only if the app-compose was stored in this form.
 *
 * @throws CryptoError `bad-text`, `bad-number`, `bad-json`
 */
export function serializeAppCompose(
  appCompose: Readonly<Record<string, unknown>>,
  form: ComposeForm,
): string {
  const { pre_launch_script: script, ...rest } = appCompose;
  const node = toPythonJson("appCompose", script ? appCompose : rest);
  return writeJsonText(form.sorted ? sortJson(node) : node, form);
}

/**
 * Hash the text of an app-compose exactly as given.
 *
 * @returns SHA-256 of its UTF-8 bytes, 32 bytes
 * @throws CryptoError `bad-text`
 */
export function hashAppCompose(text: string): Uint8Array {
  assertText("text", text);
  return createHash("sha256").update(text).digest();
}
