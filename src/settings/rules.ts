import { isIP } from "node:net";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { z } from "zod";
import { MAX_INT } from "../limits.ts";

/** A whole number in decimal digits. */
export const integer = (min: number, max: number) =>
  z
    .string()
    .refine((text) => {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max;
    }, `must be a whole number from ${min} to ${max}`)
    .transform(Number);

/** A TCP port. 0 uses a free port. */
export const port = integer(0, 65_535);

/** A time in milliseconds, at most ten minutes. */
export const milliseconds = integer(1, 600_000);

/** A number of things, at least 1. */
export const count = integer(1, 10_000_000);

/** `true` or `false`. */
export const flag = z.enum(["true", "false"], "must be true or false").transform((text) => text === "true");

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

/** The lowest level of log lines, as pino names it. */
export const logLevel = z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(", ")}, in lower case`);

/** A number of operations per minute. 0 means no limit. */
export const perMinute = integer(0, 10_000_000);

/** A comma-separated list. It is empty by default. */
export const list = (isEntry: (entry: string) => boolean, message: string) =>
  z
    .string()
    .transform((text) => text.split(",").map((entry) => entry.trim()))
    .refine((entries) => entries.every(isEntry), message)
    .default([]);

/** Whether a text is a web origin or `*`. */
export function isOrigin(text: string): boolean {
  return text === "*" || URL.parse(text)?.origin === text;
}

/** Whether a text is an IP address or a CIDR range. */
export function isAddressRange(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const size = isIP(address) === 6 ? 128 : 32;
  return (
    isIP(address) !== 0 &&
    rest.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= size))
  );
}

/** The base URL of a REST API, without a trailing slash, or `sandbox`. */
export const upstreamUrl = z.union(
  [
    z.literal("sandbox"),
    z
      .string()
      // URL.parse alone is too lenient: it drops an empty query, escapes blanks and reads `http:///x` as a host.
      .refine((text) => /^https?:\/\/[^\s/?#@\\]+(\/[^\s?#\\]*)?$/i.test(text) && URL.canParse(text))
      .transform((text) => text.replace(/\/+$/, "")),
  ],
  "must be 'sandbox' or an http(s) base URL without credentials, query or fragment",
);

function isRootKey(hex: string): boolean {
  try {
    return /^(?:[0-9a-f]{66}|[0-9a-f]{130})$/.test(hex) && secp256k1.Point.fromHex(hex) !== undefined;
  } catch {
    return false;
  }
}

/** Public keys of KMS roots. They are bare hex in lower case. */
export const rootKeys = z
  .string()
  .transform((text) => text.split(",").map((key) => key.trim().replace(/^0x/i, "").toLowerCase()))
  .refine(
    (keys) => keys.every(isRootKey),
    "must be secp256k1 public keys in hex, 33 or 65 bytes each, comma-separated",
  );

/** Parse `chainId=url`. @returns null for any other text */
function parseChainUrl(text: string): { chainId: number; url: string } | null {
  const [, digits = "", url = ""] =
    /^([1-9]\d{0,9})=(https?:\/\/[^\s/?#@\\]+(?:[/?][^\s#\\]*)?)$/i.exec(text) ?? [];
  const chainId = Number(digits);
  return digits !== "" && chainId <= MAX_INT && URL.canParse(url) ? { chainId, url } : null;
}

/** JSON-RPC URLs of nodes, one for each chain. */
export const chainUrls = z
  .string()
  .transform((text) => text.split(",").map((entry) => parseChainUrl(entry.trim())))
  .refine(
    (entries) =>
      new Set(entries.map((entry) => entry?.chainId)).size === entries.length && !entries.includes(null),
    "must be chainId=url pairs with http(s) URLs without credentials, comma-separated, one for each chain",
  )
  .transform((entries) => entries.filter((entry) => entry !== null));

/** Whether a text is the URL of a proxy with no more than credentials, host and port. */
function isProxyUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === "") return false;
  const isPercentEncoded = !/%(?![0-9a-f]{2})/i.test(url.username + url.password);
  return isPercentEncoded && `${url.pathname}${url.search}${url.hash}` === "/";
}

/** The URL of a proxy. Without a scheme, it is http://. */
export const proxyUrl = z
  .string()
  .transform((text) => (text.includes("://") ? text : `http://${text}`))
  .refine(
    isProxyUrl,
    "must be the http(s) URL of a proxy, such as http://user:password@host:port, without a path",
  );

/** A factor with up to nine decimal places. */
export const timeScale = z
  .string()
  .refine(
    (text) => /^\d{1,5}(\.\d{1,9})?$/.test(text) && Number(text) <= 10_000,
    "must be a number from 0 to 10000",
  )
  .transform(Number);

/** A value that is null unless it is set. */
export const optional = <Rule extends z.ZodType>(rule: Rule) => rule.nullable().default(null);
