import { z } from "zod";
import { MAX_INT } from "../../limits.ts";
import { wireOptional } from "./wire-tolerance.ts";

/** Return hex in lower case without a prefix. The REST API mixes `0x…`, `sha256:…` and bare hex. */
export function toBareHex(text: string): string {
  return text
    .trim()
    .replace(/^(0x|sha256:)/i, "")
    .toLowerCase();
}

/** Hex, without a prefix and in lower case. */
export const wireHex = z.string().transform(toBareHex);

function parseTimestamp(text: unknown): Date | null {
  if (typeof text !== "string") return null;
  const date = new Date(/(Z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text}Z`);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** Timestamp; null for any other value. Without a zone, which the REST API sometimes omits, it is in UTC. */
export const wireTimestamp = z.unknown().transform(parseTimestamp);

/** Parse bytes in hex. @returns null for any other text */
export function parseHexBytes(text: string | null): string | null {
  const hex = toBareHex(text ?? "");
  return /^(?:[0-9a-f]{2})+$/.test(hex) ? hex : null;
}

/** Optional bytes in hex. The REST API sometimes sends an empty text or a word instead, which becomes null. */
export const wireOptionalHex = wireOptional(z.string()).transform(parseHexBytes);

/** Optional EVM address with `0x`, in lower case. Off chain, the REST API sends a word instead, which becomes null. */
export const wireOptionalAddress = wireOptionalHex.transform((hex) =>
  hex?.length === 40 ? `0x${hex}` : null,
);

function keepWhole(max: number) {
  return (value: number | null) => {
    const whole = value === null ? null : Math.round(value);
    return whole !== null && Math.abs(whole) <= max ? whole : null;
  };
}

/** Optional number for a GraphQL `Int`, rounded; null when it does not fit. */
export const wireOptionalInt = wireOptional(z.number()).transform(keepWhole(MAX_INT));

/** Optional number for a `SafeInt`, rounded; null when it does not fit. */
export const wireOptionalSafeInt = wireOptional(z.number()).transform(keepWhole(Number.MAX_SAFE_INTEGER));

/** Total number of items on all pages; null for any other value. */
export const wireTotal = wireOptional(z.number().int().nonnegative().max(MAX_INT));
