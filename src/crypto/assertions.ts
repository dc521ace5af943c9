import { isBytes } from "@noble/hashes/utils.js";
import { CryptoError, type CryptoErrorReason } from "./crypto-error.ts";

// Callers in plain JavaScript reach these functions too, so they check types as well as contents.

/**
 * Assert that `bytes` is a `Uint8Array` of one of the given lengths.
 *
 * @param argument - the argument's name, for the error message
 * @param lengths - the allowed lengths, in bytes
 * @throws CryptoError `bad-length`
 */
export function assertLength(argument: string, bytes: Uint8Array, ...lengths: readonly number[]): void {
  if (isBytes(bytes) && lengths.includes(bytes.length)) return;
  throw new CryptoError("bad-length", argument, `must be a Uint8Array of ${lengths.join(" or ")} bytes.`);
}

/**
 * Assert that `text` is a string without lone surrogates. A lone surrogate has no UTF-8 form. `TextEncoder`
 * silently replaces it with U+FFFD, so the recipient would read a different text.
 *
 * @param argument - the argument's name, for the error message
 * @throws CryptoError `bad-text`
 */
export function assertText(argument: string, text: string): void {
  if (typeof text !== "string") throw new CryptoError("bad-text", argument, "must be a string.");
  if (hasLoneSurrogate(text)) {
    throw new CryptoError("bad-text", argument, "has a lone surrogate, which has no UTF-8 form.");
  }
}

/**
 * Assert that `list` is an array. A missing list must not count as an empty one.
 *
 * @param argument - the argument's name, for the error message
 * @param reason - the reason of the error
 * @throws CryptoError with that reason
 */
export function assertList(argument: string, list: readonly unknown[], reason: CryptoErrorReason): void {
  if (!Array.isArray(list)) throw new CryptoError(reason, argument, "is required and must be an array.");
}

/** True when `text` has one half of a surrogate pair without the other. */
export function hasLoneSurrogate(text: string): boolean {
  // With the u flag a complete pair is one character outside this range. The engine of React Native has
  // `isWellFormed` only since 2024.
  return /[\ud800-\udfff]/u.test(text);
}
