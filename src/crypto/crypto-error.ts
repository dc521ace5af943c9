/**
 * Every reason for which this folder throws. The set is closed, so a caller can switch over it.
 *
 * | reason | meaning |
 * |---|---|
 * | `bad-length` | not a `Uint8Array`, or one of the wrong length |
 * | `bad-hex` | not hex: an optional `0x` and an even number of digits |
 * | `bad-text` | not a string, or a string with a lone surrogate, which has no UTF-8 form |
 * | `bad-number` | a number that cannot be written exactly, or a `timestamp` without `now` |
 * | `bad-json` | a value that has no JSON form, a text that is not JSON, a cycle, or more than 100 levels |
 * | `bad-env` | an environment that breaks a rule of the guest, or gives a key twice |
 * | `low-order-key` | an X25519 point that makes every shared secret the same |
 * | `unopenable` | sealed to another key, or altered |
 * | `bad-plaintext` | decrypted, but the content is not an environment |
 * | `bad-signature` | no key can be recovered from the secp256k1 signature |
 * | `missing-platform-api` | the platform lacks `crypto.getRandomValues` or `TextEncoder`; the message names a polyfill |
 * | `bad-root-key` | not a point on secp256k1, or the list of root keys is missing |
 */
export type CryptoErrorReason =
  | "bad-length"
  | "bad-hex"
  | "bad-text"
  | "bad-number"
  | "bad-json"
  | "bad-env"
  | "low-order-key"
  | "unopenable"
  | "bad-plaintext"
  | "bad-signature"
  | "missing-platform-api"
  | "bad-root-key";

/**
 * The only error class that this folder throws. The message names the argument and the rule. It never
 * contains the argument's value, so you may log it and show it.
 *
 * @example
 * ```ts
 * try {
 *   sealEnv(env, publicKey);
 * } catch (error) {
 *   if (error instanceof CryptoError && error.reason === "low-order-key") showWarning(error.message);
 *   else throw error;
 * }
 * ```
 */
export class CryptoError extends Error {
  override readonly name = "CryptoError";
  /** The broken rule. */
  readonly reason: CryptoErrorReason;
  /** The argument that broke it, such as `publicKey` or `env[2].value`. */
  readonly argument: string;

  /** @param rule - what the argument must be or is not; completes the sentence that the argument begins */
  constructor(reason: CryptoErrorReason, argument: string, rule: string) {
    // No `cause`: the message of a library may quote the bytes that it was given.
    super(`${argument} ${rule}`);
    this.reason = reason;
    this.argument = argument;
  }
}
