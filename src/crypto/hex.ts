import { hexToBytes, isBytes } from "@noble/hashes/utils.js";
import { CryptoError } from "./crypto-error.ts";

/** Bytes, or the same as hex: either case, `0x` or not. */
export type BytesOrHex = Uint8Array | string;

/**
 * Reads hex of either case, with or without `0x`; bytes are passed through.
 *
 * @param argument - the argument's name, for the message
 * @throws CryptoError `bad-hex`, without the text
 */
export function readBytes(argument: string, value: BytesOrHex): Uint8Array {
  if (isBytes(value)) return value;
  // The pattern is checked here because noble's own message quotes what it could not read.
  if (typeof value !== "string" || !/^(?:0x)?(?:[0-9a-f]{2})*$/i.test(value)) {
    throw new CryptoError("bad-hex", argument, "must be hex (0x is optional) or a Uint8Array");
  }
  return hexToBytes(value.replace(/^0x/i, ""));
}
