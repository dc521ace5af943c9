import { utf8ToBytes } from "@noble/hashes/utils.js";
import { CryptoError } from "./crypto-error.ts";

/*
 * What the platform must provide. Browsers and Node provide all of it. Engines of React Native do not, and the
 * error of @noble for that is not a CryptoError.
 */

/**
 * Encode a text as UTF-8.
 *
 * @throws CryptoError `missing-platform-api` without `TextEncoder`
 */
export function encodeUtf8(text: string): Uint8Array {
  if (typeof globalThis.TextEncoder !== "function") {
    throw createPlatformError("TextEncoder", "fast-text-encoding");
  }
  return utf8ToBytes(text);
}

/**
 * Assert that the platform has a source of secure random bytes.
 *
 * @throws CryptoError `missing-platform-api` without `crypto.getRandomValues`
 */
export function assertRandomness(): void {
  if (typeof globalThis.crypto?.getRandomValues === "function") return;
  throw createPlatformError("crypto.getRandomValues", "react-native-get-random-values");
}

function createPlatformError(api: string, polyfill: string): CryptoError {
  const rule = `is missing on this platform. On React Native, import "${polyfill}" before this package.`;
  return new CryptoError("missing-platform-api", api, rule);
}
