import { z } from "zod";
import { MAX_INT } from "../../limits.ts";
import { wireOptional } from "./wire-tolerance.ts";

/** Optional text. */
export const wireText = z.string().nullish();

/** Optional flag. */
export const wireFlag = z.boolean().nullish();

/** Optional number. */
export const wireNumber = z.number().nullish();

/** Optional value of any form. */
export const wireUnknown = z.unknown().optional();

/** Whether a text is bytes in the form that the gateway returns. */
export function isBareHex(text: string): boolean {
  return text.length % 2 === 0 && /^[0-9a-f]+$/.test(text);
}

/** Return hex in lower case without a prefix. The REST API mixes `0x…`, `sha256:…` and bare hex. */
export function toBareHex(text: string): string {
  if (isBareHex(text)) return text;
  return text
    .trim()
    .replace(/^(0x|sha256:)/i, "")
    .toLowerCase();
}

/** Hex, without a prefix and in lower case. */
export const wireHex = z.string().transform(toBareHex);

/** Parse a timestamp. @returns null for any other value */
export function parseTimestamp(text: unknown): Date | null {
  if (typeof text !== "string") return null;
  const hasZone = text.endsWith("Z") || /(?:z|[+-]\d{2}:?\d{2})$/.test(text);
  const date = new Date(hasZone ? text : `${text}Z`);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** A time in UTC with seconds, in the forms that the REST API writes, on a day that every month has. */
const UTC_TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3,9})?(?:Z|\+00:00)$/;

/** Length of a text of `Date.toISOString`. */
const ISO_LENGTH = 24;

/** Place of the fraction of a second in such a text. */
const FRACTION_AT = 19;

/**
 * Parse a timestamp that is only passed on. It costs a tenth of a `Date`.
 *
 * @returns it as `Date.toISOString` writes it; null for any other value
 */
export function toIsoTime(value: unknown): string | null {
  if (typeof value !== "string" || !UTC_TIME.test(value)) return parseTimestamp(value)?.toISOString() ?? null;
  if (value.length === ISO_LENGTH && value.endsWith("Z")) return value;
  const hasFraction = value.charAt(FRACTION_AT) === ".";
  return hasFraction ? `${value.slice(0, FRACTION_AT + 4)}Z` : `${value.slice(0, FRACTION_AT)}.000Z`;
}

/** Parse bytes in hex. @returns null for any other text */
export function parseHexBytes(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  if (isBareHex(text)) return text;
  const hex = toBareHex(text);
  return isBareHex(hex) ? hex : null;
}

const wireTotal = wireOptional(z.number().int().nonnegative().max(MAX_INT));

/** Optional bytes in hex. The REST API sometimes sends an empty text or a word instead, which becomes null. */
export const wireOptionalHex = wireOptional(z.string()).transform(parseHexBytes);

/** Optional EVM address with `0x`, in lower case. Off chain, the REST API sends a word instead, which becomes null. */
export const wireOptionalAddress = wireOptional(z.string()).transform(parseAddress);

/** Parse an EVM address. @returns null for any other text */
export function parseAddress(text: string | null | undefined): string | null {
  const hex = parseHexBytes(text);
  return hex?.length === 40 ? `0x${hex}` : null;
}

/** Round a number for a GraphQL `Int`. @returns null if it does not fit */
export function toInt(value: number | null | undefined): number | null {
  return roundWithin(value, MAX_INT);
}

/** Round a number for a `SafeInt`. @returns null if it does not fit */
export function toSafeInt(value: number | null | undefined): number | null {
  return roundWithin(value, Number.MAX_SAFE_INTEGER);
}

function roundWithin(value: number | null | undefined, max: number): number | null {
  if (value === null || value === undefined) return null;
  const whole = Math.round(value);
  return Math.abs(whole) <= max ? whole : null;
}

/** Parse the total number of items on all pages. @returns null for any other value */
export function parseTotal(value: unknown): number | null {
  return wireTotal.parse(value);
}
