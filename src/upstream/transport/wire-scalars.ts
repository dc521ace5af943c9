import { z } from "zod";
import { MAX_INT } from "../../limits.ts";

/** Hex as the product shows it: lower case, no prefix. The REST API mixes `0x…`, `sha256:…` and bare. */
export function toBareHex(text: string): string {
  return text
    .trim()
    .replace(/^(0x|sha256:)/i, "")
    .toLowerCase();
}

/** Wire hex, bare and in lower case. */
export const wireHex = z.string().transform(toBareHex);

function parseTimestamp(text: unknown): Date | null {
  if (typeof text !== "string") return null;
  const date = new Date(/(Z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text}Z`);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** A wire timestamp, null where it is none; the REST API leaves the zone out at times and then means UTC. */
export const wireTimestamp = z.unknown().transform(parseTimestamp);

/** A field that the REST API may leave out or send as null; null in our types either way. */
export function wireOptional<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? null);
}

/** A field that has this value where the REST API leaves it out or sends null. */
export function wireDefault<T>(schema: z.ZodType<T>, value: T) {
  return schema.nullish().transform((given) => given ?? value);
}

/** Reads bytes in hex. @returns null for a text that holds none. */
export function parseHexBytes(text: string | null): string | null {
  const hex = toBareHex(text ?? "");
  return /^(?:[0-9a-f]{2})+$/.test(hex) ? hex : null;
}

/** Optional bytes in hex; the REST API sends empty texts and words in their place at times. */
export const wireOptionalHex = wireOptional(z.string()).transform(parseHexBytes);

/** An optional EVM address with `0x`, in lower case; null for the words that stand in its place off chain. */
export const wireOptionalAddress = wireOptionalHex.transform((hex) =>
  hex?.length === 40 ? `0x${hex}` : null,
);

function keepWhole(max: number) {
  return (value: number | null) => {
    const whole = value === null ? null : Math.round(value);
    return whole !== null && Math.abs(whole) <= max ? whole : null;
  };
}

/** An optional number for a GraphQL `Int`, rounded; null where it does not fit. */
export const wireOptionalInt = wireOptional(z.number()).transform(keepWhole(MAX_INT));

/** An optional number for a `SafeInt`, rounded; null where it does not fit. */
export const wireOptionalSafeInt = wireOptional(z.number()).transform(keepWhole(Number.MAX_SAFE_INTEGER));

/** How many there are of what a page shows a part of. */
export const wireTotal = z.number().int().nonnegative().max(MAX_INT);
