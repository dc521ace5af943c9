import { assertText } from "./assertions.ts";
import { CryptoError } from "./crypto-error.ts";
import { type JsonMember, type JsonNode, MAX_JSON_DEPTH, tooDeep } from "./json-text.ts";

/**
 * Convert a value to JSON as Python's `json.dumps(value, ensure_ascii=False)` writes it, with the members of
 * objects in their own order.
 *
 * JavaScript has one number type, so a float without a fraction (`1.0`) becomes the integer `1`. A `bigint`
 * is an integer of any size. Members that are `undefined` are left out.
 *
 * @param argument - the argument's name, for the error message
 * @throws CryptoError `bad-text`, `bad-number` (not finite, or an integer beyond 2^53), `bad-json`
 */
export function toPythonJson(argument: string, value: unknown): JsonNode {
  return toNode(argument, value, 0);
}

function toNode(argument: string, value: unknown, depth: number): JsonNode {
  if (depth > MAX_JSON_DEPTH) throw tooDeep(argument);
  if (Array.isArray(value)) {
    // Array.from visits holes, which map skips.
    const items = Array.from(value, (item: unknown) => toNode(argument, item, depth + 1));
    return { kind: "list", items };
  }
  if (isPlainObject(value)) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => ({
        name,
        nameText: formatString(argument, name),
        value: toNode(argument, member, depth + 1),
      }));
    return { kind: "object", members };
  }
  return { kind: "scalar", text: formatScalar(argument, value) };
}

/** Sort the members of all objects by code point, as Python's `sort_keys=True` does. */
export function sortJson(node: JsonNode): JsonNode {
  if (node.kind === "scalar") return node;
  if (node.kind === "list") return { kind: "list", items: node.items.map(sortJson) };
  const members = node.members.map((member) => ({ ...member, value: sortJson(member.value) }));
  return { kind: "object", members: members.sort(compareMembers) };
}

/** Compare two members by name, in the order of Python's `sort_keys=True`. */
export function compareMembers(a: Pick<JsonMember, "name">, b: Pick<JsonMember, "name">): number {
  return compareCodePoints(a.name, b.name);
}

function formatScalar(argument: string, value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "string") return formatString(argument, value);
  if (typeof value === "number") return formatNumber(argument, value);
  throw new CryptoError("bad-json", argument, "holds a value that has no JSON form.");
}

function formatString(argument: string, text: string): string {
  assertText(argument, text);
  // For well-formed text Python and JavaScript escape the same characters: `"`, `\`, \b \f \n \r \t, and
  // the others below U+0020 as \u00xx in lower case. U+007F, U+2028 and U+2029 stay unescaped in both.
  return JSON.stringify(text);
}

function formatNumber(argument: string, value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  if (!Number.isFinite(value) || Number.isInteger(value)) {
    // Beyond 2^53 the original digits are already lost.
    throw new CryptoError("bad-number", argument, "holds a number that cannot be written exactly.");
  }
  // Both languages write the shortest digits that parse back to the same number. Python switches to the
  // exponent form below 1e-4 (JavaScript below 1e-6) and pads the exponent to two digits.
  const [digits = "", exponent = ""] = value.toExponential().split("e-");
  return Math.abs(value) >= 1e-4 ? String(value) : `${digits}e-${exponent.padStart(2, "0")}`;
}

/** Compare by code point, as Python does. `<` compares UTF-16 units and puts U+1F600 before U+FF01. */
function compareCodePoints(a: string, b: string): number {
  const left = Array.from(a, (character) => character.codePointAt(0) ?? 0);
  const right = Array.from(b, (character) => character.codePointAt(0) ?? 0);
  const at = left.findIndex((point, index) => point !== right[index]);
  if (at === -1) return left.length - right.length;
  return (left[at] ?? -1) - (right[at] ?? -1);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
