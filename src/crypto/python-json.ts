import { assertText } from "./assertions.ts";
import { CryptoError } from "./crypto-error.ts";

/** Deepest nesting that is written: far above any app-compose, far below the call stack. */
const MAX_DEPTH = 100;
const INDENT = "    ";

/**
 * Writes a value as Python does with `json.dumps(value, sort_keys=True, ensure_ascii=False, indent=4,
 * separators=(",", ":"))`.
 *
 * JavaScript has one kind of number, so a float without fraction (`1.0`) comes out as the integer `1`;
 * a `bigint` is an integer of any size. `undefined` members of an object are left out.
 *
 * @param argument - the argument's name, for the message
 * @throws CryptoError `bad-text`, `bad-number` (not finite, or an integer beyond 2^53), `bad-json`
 */
export function formatPythonJson(argument: string, value: unknown): string {
  return formatValue(argument, value, 0);
}

function formatValue(argument: string, value: unknown, depth: number): string {
  if (depth > MAX_DEPTH)
    throw new CryptoError("bad-json", argument, `is nested deeper than ${MAX_DEPTH} levels`);
  if (value === null || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "string") return formatString(argument, value);
  if (typeof value === "number") return formatNumber(argument, value);
  if (Array.isArray(value)) {
    // Array.from, because map would leave holes as they are.
    const items = Array.from(value, (item: unknown) => formatValue(argument, item, depth + 1));
    return wrap("[", items, "]", depth);
  }
  if (isPlainObject(value)) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => compareCodePoints(a, b))
      .map(([key, member]) => `${formatString(argument, key)}:${formatValue(argument, member, depth + 1)}`);
    return wrap("{", members, "}", depth);
  }
  throw new CryptoError("bad-json", argument, "holds something that JSON has no form for");
}

function wrap(open: string, parts: readonly string[], close: string, depth: number): string {
  if (parts.length === 0) return open + close;
  const inner = `\n${INDENT.repeat(depth + 1)}`;
  return `${open}${inner}${parts.join(`,${inner}`)}\n${INDENT.repeat(depth)}${close}`;
}

function formatString(argument: string, text: string): string {
  assertText(argument, text);
  // For well-formed text the two languages escape alike: `"`, `\`, \b \f \n \r \t and \u00xx below
  // U+0020, in lower case; U+007F, U+2028 and U+2029 stay raw in both.
  return JSON.stringify(text);
}

function formatNumber(argument: string, value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  if (!Number.isFinite(value) || Number.isInteger(value)) {
    // Beyond 2^53 the digits that stood in the file are lost already.
    throw new CryptoError("bad-number", argument, "holds a number that cannot be written exactly");
  }
  // Both languages take the shortest digits that read back; Python goes over to the exponent form at
  // 1e-4 (JavaScript at 1e-6) and gives the exponent two digits at least.
  const [digits = "", exponent = ""] = value.toExponential().split("e-");
  return Math.abs(value) >= 1e-4 ? String(value) : `${digits}e-${exponent.padStart(2, "0")}`;
}

/** Python sorts by code point. `<` sorts by UTF-16 unit, which puts U+1F600 before U+FF01. */
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
