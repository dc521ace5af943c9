import { bytesToHex } from "@noble/hashes/utils.js";
import { type ComposeForm, composeForms, hashAppCompose } from "./compose-hash.ts";
import {
  findJsonLayout,
  type JsonMember,
  type JsonNode,
  parseJsonText,
  unquote,
  writeJsonText,
} from "./json-text.ts";
import { compareMembers, sortJson, toPythonJson } from "./python-json.ts";

const SCRIPT = "pre_launch_script";

/** Whether a script that is set to an empty text stays in the app-compose or is removed from it. */
export type EmptyScript = "kept" | "dropped";

/** Forms to try where the measured text itself is not known, the most likely first. */
const likelyForms: readonly ComposeForm[] = [
  composeForms.compact,
  composeForms.indented,
  { ...composeForms.indented, afterColon: " " },
];

/**
 * Find the text that was measured: the given JSON text if it has the compose hash, else the same data in one of
 * the forms in which app-composes are stored.
 *
 * @param source - the app-compose as JSON text, in any form
 * @param composeHash - 64 hex digits
 * @returns null if no form has this hash
 * @throws CryptoError `bad-json`, `bad-text`
 */
export function findMeasuredText(source: string, composeHash: string): string | null {
  const isMeasured = (text: string) => bytesToHex(hashAppCompose(text)) === composeHash;
  if (isMeasured(source)) return source;
  const node = sortJson(unescapeStrings(parseJsonText("appCompose", source)));
  for (const form of likelyForms) {
    for (const variant of [node, withoutEmptyScript(node)]) {
      const text = writeJsonText(variant, form);
      if (isMeasured(text)) return text;
    }
  }
  return null;
}

/**
 * Change members of an app-compose in its text. Everything else keeps its bytes: numbers their digits, strings
 * their escapes. A new member is inserted in order if the names are sorted, and appended otherwise.
 *
 * @param changes - the new values by member name. A value that the member has already changes nothing
 * @param emptyScript - what an empty `pre_launch_script` means, unless the text has one
 * @returns null if the text has no regular layout, or a name twice, so that the form is not known
 * @throws CryptoError `bad-json`, `bad-text`, `bad-number`
 */
export function editAppCompose(
  text: string,
  changes: Readonly<Record<string, unknown>>,
  emptyScript: EmptyScript,
): string | null {
  const node = parseJsonText("appCompose", text);
  if (node.kind !== "object") return null;
  if (new Set(node.members.map(({ name }) => name)).size !== node.members.length) return null;
  const toStyle = escapesNonAscii(text) ? escapeNonAscii : (json: string) => json;
  const members = Object.entries(changes).reduce<readonly JsonMember[]>(
    (current, [name, value]) =>
      name === SCRIPT && value === "" && emptyScript === "dropped"
        ? removeScript(current)
        : setMember(current, name, mapScalars(toPythonJson(name, value), toStyle)),
    node.members,
  );
  if (members === node.members) return text;
  const layout = findJsonLayout(node, text);
  return layout === null ? null : writeJsonText({ kind: "object", members }, layout);
}

function setMember(members: readonly JsonMember[], name: string, value: JsonNode): readonly JsonMember[] {
  const present = members.find((member) => member.name === name);
  const changed = { name, nameText: JSON.stringify(name), ...present, value };
  if (present === undefined) {
    const all = [...members, changed];
    return isSorted(members) ? all.sort(compareMembers) : all;
  }
  if (normalize(present.value) === normalize(value)) return members;
  return members.map((member) => (member === present ? changed : member));
}

/** Remove a script. One that is empty already shows that this file keeps empty scripts. */
function removeScript(members: readonly JsonMember[]): readonly JsonMember[] {
  const kept = members.filter((member) => member.name !== SCRIPT || isEmptyScript(member));
  return kept.length === members.length ? members : kept;
}

function isEmptyScript({ name, value }: JsonMember): boolean {
  return name === SCRIPT && value.kind === "scalar" && (value.text === '""' || value.text === "null");
}

function withoutEmptyScript(node: JsonNode): JsonNode {
  if (node.kind !== "object") return node;
  return { kind: "object", members: node.members.filter((member) => !isEmptyScript(member)) };
}

function isSorted(members: readonly JsonMember[]): boolean {
  return members.every((member, index) => {
    const previous = members[index - 1];
    return previous === undefined || compareMembers(previous, member) < 0;
  });
}

/** Write a value in one fixed form, to compare it with another. */
function normalize(node: JsonNode): string {
  return writeJsonText(sortJson(unescapeStrings(node)), composeForms.compact);
}

/** Write all strings with the characters themselves, except for those that must be escaped. */
function unescapeStrings(node: JsonNode): JsonNode {
  return mapScalars(node, (text) => (text.startsWith('"') ? JSON.stringify(unquote(text)) : text));
}

/** Whether a text escapes the characters beyond ASCII, as Python does with `ensure_ascii`. */
function escapesNonAscii(text: string): boolean {
  return !/[\u0080-\uffff]/.test(text) && /(?<!\\)(?:\\\\)*\\u(?!00[0-7])/i.test(text);
}

function escapeNonAscii(json: string): string {
  return json.replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Replace the text of every scalar and of every name. */
function mapScalars(node: JsonNode, change: (text: string) => string): JsonNode {
  if (node.kind === "scalar") return { kind: "scalar", text: change(node.text) };
  if (node.kind === "list")
    return { kind: "list", items: node.items.map((item) => mapScalars(item, change)) };
  const members = node.members.map(({ name, nameText, value }) => ({
    name,
    nameText: change(nameText),
    value: mapScalars(value, change),
  }));
  return { kind: "object", members };
}
