import { hexToBytes, isBytes } from "@noble/hashes/utils.js";
import { CryptoError } from "./crypto-error.ts";

/** Bytes, or the same bytes as hex: upper or lower case, with or without `0x`. */
export type BytesOrHex = Uint8Array | string;

/**
 * Parse hex into bytes. Return a `Uint8Array` unchanged.
 *
 * @param argument - the argument's name, for the error message
 * @throws CryptoError `bad-hex`. Its message does not contain the text.
 */
export function parseBytes(argument: string, value: BytesOrHex): Uint8Array {
  if (isBytes(value)) return value;
  // Check the pattern here, because the error message of @noble quotes the text.
  if (typeof value !== "string" || !/^(?:0x)?(?:[0-9a-f]{2})*$/i.test(value)) {
    throw new CryptoError("bad-hex", argument, "must be hex (0x is optional) or a Uint8Array.");
  }
  return hexToBytes(value.replace(/^0x/i, ""));
}
