import { expect } from "vitest";
import { CryptoError, type CryptoErrorReason } from "../../src/crypto/crypto-error.ts";

/** Run `action` and expect it to throw a CryptoError for this reason. @returns the error */
export function expectCryptoError(action: () => unknown, reason: CryptoErrorReason): CryptoError {
  try {
    action();
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    expect(error.reason).toBe(reason);
    return error;
  }
  throw new Error(`expected a CryptoError with reason ${reason}, but nothing was thrown`);
}
