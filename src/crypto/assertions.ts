import { isBytes } from "@noble/hashes/utils.js";
import { CryptoError, type CryptoErrorReason } from "./crypto-error.ts";

/**
 * Refuses anything but a `Uint8Array` of the given length.
 *
 * @param argument - the argument's name, for the message
 * @param lengths - the lengths allowed, in bytes
 * @throws CryptoError `bad-length`
 */
export function assertLength(argument: string, bytes: Uint8Array, ...lengths: readonly number[]): void {
  // Callers in plain JavaScript reach this too, so the type is checked as well as the length.
  if (isBytes(bytes) && lengths.includes(bytes.length)) return;
  throw new CryptoError("bad-length", argument, `must be a Uint8Array of ${lengths.join(" or ")} bytes`);
}

/**
 * Refuses anything but a string of whole characters. A lone surrogate has no UTF-8 form: `TextEncoder`
 * would put U+FFFD in its place without a word, and the text that arrives would be another one.
 *
 * @param argument - the argument's name, for the message
 * @throws CryptoError `bad-text`
 */
export function assertText(argument: string, text: string): void {
  if (typeof text !== "string") throw new CryptoError("bad-text", argument, "must be a string");
  if (hasLoneSurrogate(text)) {
    throw new CryptoError("bad-text", argument, "has a lone surrogate, which has no UTF-8 form");
  }
}

/**
 * Refuses anything but an array: plain JavaScript reaches this too, and a list that is missing must not
 * read as an empty one.
 *
 * @param argument - the argument's name, for the message
 * @param reason - what the error is to say
 * @throws CryptoError with that reason
 */
export function assertList(argument: string, list: readonly unknown[], reason: CryptoErrorReason): void {
  if (!Array.isArray(list)) throw new CryptoError(reason, argument, "is required and must be an array");
}

/** True when `text` has half of a surrogate pair without its other half. */
export function hasLoneSurrogate(text: string): boolean {
  // With the u flag a well-formed pair is one character and not in this range. `isWellFormed` would do,
  // but the engine of React Native has had it only since 2024.
  return /[\ud800-\udfff]/u.test(text);
}
