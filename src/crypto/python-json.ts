import { assertText } from "./assertions.ts";
import { CryptoError } from "./crypto-error.ts";

/** Maximum nesting: far deeper than any app-compose, far below the limit of the call stack. */
const MAX_DEPTH = 100;
const INDENT = "    ";

/**
 * Format a value as Python's `json.dumps(value, sort_keys=True, ensure_ascii=False, indent=4,
 * separators=(",", ":"))` does.
 *
 * JavaScript has one number type, so a float without a fraction (`1.0`) becomes the integer `1`. A `bigint`
 * is an integer of any size. Members that are `undefined` are left out.
 *
 * @param argument - the argument's name, for the error message
 * @throws CryptoError `bad-text`, `bad-number` (not finite, or an integer beyond 2^53), `bad-json`
 */
export function formatPythonJson(argument: string, value: unknown): string {
  return formatValue(argument, value, 0);
}

function formatValue(argument: string, value: unknown, depth: number): string {
  if (depth > MAX_DEPTH)
    throw new CryptoError("bad-json", argument, `is nested deeper than ${MAX_DEPTH} levels.`);
  if (value === null || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "string") return formatString(argument, value);
  if (typeof value === "number") return formatNumber(argument, value);
  if (Array.isArray(value)) {
    // Array.from visits holes, which map skips.
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
  throw new CryptoError("bad-json", argument, "holds a value that has no JSON form.");
}

function wrap(open: string, parts: readonly string[], close: string, depth: number): string {
  if (parts.length === 0) return open + close;
  const inner = `\n${INDENT.repeat(depth + 1)}`;
  return `${open}${inner}${parts.join(`,${inner}`)}\n${INDENT.repeat(depth)}${close}`;
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
