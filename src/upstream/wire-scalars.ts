import { z } from "zod";

/** Hex as the product shows it: lower case, no prefix. The REST API mixes `0x…`, `sha256:…` and bare. */
export function toBareHex(text: string): string {
  return text
    .trim()
    .replace(/^(0x|sha256:)/i, "")
    .toLowerCase();
}

/** Wire hex, bare and in lower case. */
export const wireHex = z.string().transform(toBareHex);

/** A wire timestamp; the REST API leaves the zone out at times and then means UTC. */
export const wireTimestamp = z
  .string()
  .transform((text) => new Date(/(Z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text}Z`))
  .refine((date) => !Number.isNaN(date.getTime()), "not a timestamp");

/** A field that the REST API may leave out or send as null; null in our types either way. */
export function wireOptional<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? null);
}
