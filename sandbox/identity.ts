import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * Derive 32 bytes that look random and are the same in every run, so that ids can be written down. The
 * parts are joined by NUL, which no part contains.
 */
export function deriveBytes(...parts: readonly (string | number)[]): Uint8Array {
  return sha256(utf8ToBytes(["cvm-sandbox", ...parts].join("\u0000")));
}

/** Return {@link deriveBytes} as bare lower-case hex of `digits` digits, at most 64. */
export function deriveHex(digits: number, ...parts: readonly (string | number)[]): string {
  return bytesToHex(deriveBytes(...parts)).slice(0, digits);
}

/** Derive a public id such as `cvm_ykL5lbAn`: the prefix and eight base-62 digits. */
export function deriveId(prefix: string, ...parts: readonly (string | number)[]): string {
  const digits = [...deriveBytes(prefix, ...parts).subarray(0, 8)].map(
    (byte) => BASE62[byte % BASE62.length],
  );
  return `${prefix}_${digits.join("")}`;
}

/** Derive a UUID with dashes, in the form of version 4 and variant 8 to b. The SDK accepts no other form. */
export function deriveUuid(...parts: readonly (string | number)[]): string {
  const hex = deriveHex(32, "uuid", ...parts);
  const variant = "89ab"[Number.parseInt(hex.charAt(16), 16) % 4];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join("-");
}

/** Return hex from a client as bare lower-case hex. Clients send the prefixes `0x` and `sha256:`. */
export function bareHex(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/^(?:0x|sha256:)/, "");
}
