/**
 * Every way in which this folder refuses. The set is closed, so a caller can switch over it.
 *
 * | reason | meaning |
 * |---|---|
 * | `bad-length` | bytes of the wrong length, or no bytes at all |
 * | `bad-hex` | text that is not hex (an optional `0x` and an even number of digits) |
 * | `bad-text` | not a string, or one with a lone surrogate, which has no UTF-8 form |
 * | `bad-number` | a number that its wire form cannot carry exactly |
 * | `bad-json` | a value that JSON has no form for, or one nested too deeply |
 * | `bad-env` | an environment that the guest would refuse at boot, or a key given twice |
 * | `low-order-key` | an X25519 point that makes every shared secret the same |
 * | `unopenable` | not sealed to this key, or altered on the way |
 * | `bad-plaintext` | opened, but what was inside is not an environment |
 * | `bad-signature` | not a secp256k1 signature that a key can be recovered from |
 * | `bad-root-key` | not a point on secp256k1 |
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
  | "bad-root-key";

/**
 * The only error class that leaves this folder. Its message names the argument and the rule and never
 * holds the argument's value, so it may be logged and shown.
 */
export class CryptoError extends Error {
  override readonly name = "CryptoError";
  /** Which rule was broken. */
  readonly reason: CryptoErrorReason;
  /** The argument that broke it, such as `publicKey` or `env[2].value`. */
  readonly argument: string;

  constructor(reason: CryptoErrorReason, argument: string, rule: string) {
    // No `cause`: a library's own message may quote the bytes it was given.
    super(`${argument} ${rule}`);
    this.reason = reason;
    this.argument = argument;
  }
}
