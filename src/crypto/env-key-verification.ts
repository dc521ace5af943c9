import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { assertLength, assertList } from "./assertions.ts";
import { CryptoError } from "./crypto-error.ts";
import { recoverEnvKeySigner, type SignedEnvKey, toSeconds } from "./env-key-signature.ts";

export { envKeyMessage, recoverEnvKeySigner } from "./env-key-signature.ts";

/** Oldest timestamped signature that is taken, in seconds (dstack SDK). */
const MAX_SIGNATURE_AGE_SECONDS = 300;
/** How far ahead of `now` a timestamp may be, in seconds, for clocks that differ (dstack SDK). */
const MAX_CLOCK_SKEW_SECONDS = 60;

/** Input of {@link verifyEnvKey}. */
export type EnvKeyClaim = SignedEnvKey & {
  /**
   * The KMS root keys to believe, secp256k1, 33 bytes compressed or 65 uncompressed. Required and without
   * default: they must come from elsewhere than the reply that is being checked.
   */
  readonly trustedRootKeys: readonly Uint8Array[];
  /** The time now, unix seconds. Required with `timestamp`, unused without. */
  readonly now?: bigint | number | undefined;
};

/** Why a key is not verified. `untrusted-signer` is also what every other wrong signature ends in. */
export type EnvKeyRefusal =
  | "no-trusted-root-keys"
  | "malformed-signature"
  | "untrusted-signer"
  | "too-old"
  | "from-the-future";

/** The verdict. `signer` is a compressed key of 33 bytes, and means nothing unless `verified`. */
export type EnvKeyVerdict =
  | { readonly verified: true; readonly signer: Uint8Array }
  | { readonly verified: false; readonly signer: Uint8Array | null; readonly reason: EnvKeyRefusal };

/**
 * Decides whether one of the trusted KMS root keys says that this public key is this app's.
 *
 * Anything less than that is `verified: false` with a reason, never an exception; exceptions are for
 * arguments that are no claim at all. A legacy signature (no `timestamp`) has no age and stays good for
 * ever.
 *
 * @throws CryptoError `bad-length`, `bad-number`, `bad-root-key`
 */
export function verifyEnvKey({ trustedRootKeys, now, ...signed }: EnvKeyClaim): EnvKeyVerdict {
  assertList("trustedRootKeys", trustedRootKeys, "bad-root-key");
  const trusted = new Set(trustedRootKeys.map((key, index) => compressKey(`trustedRootKeys[${index}]`, key)));
  const untimely = checkAge(signed.timestamp, now);
  const signer = recoverOrNull(signed);
  const refuse = (reason: EnvKeyRefusal): EnvKeyVerdict => ({ verified: false, signer, reason });

  if (signer === null) return refuse("malformed-signature");
  if (trusted.size === 0) return refuse("no-trusted-root-keys");
  // Public keys: nothing to keep from a clock, so an ordinary comparison will do.
  if (!trusted.has(bytesToHex(signer))) return refuse("untrusted-signer");
  if (untimely !== null) return refuse(untimely);
  return { verified: true, signer };
}

function compressKey(argument: string, key: Uint8Array): string {
  assertLength(argument, key, 33, 65);
  try {
    return secp256k1.Point.fromBytes(key).toHex(true);
  } catch {
    throw new CryptoError("bad-root-key", argument, "is not a point on secp256k1");
  }
}

function checkAge(
  timestamp: bigint | number | undefined,
  now: bigint | number | undefined,
): EnvKeyRefusal | null {
  if (timestamp === undefined) return null;
  if (now === undefined) throw new CryptoError("bad-number", "now", "is required with a timestamp");
  const age = toSeconds("now", now) - toSeconds("timestamp", timestamp);
  if (age > MAX_SIGNATURE_AGE_SECONDS) return "too-old";
  return age < -MAX_CLOCK_SKEW_SECONDS ? "from-the-future" : null;
}

function recoverOrNull(signed: SignedEnvKey): Uint8Array | null {
  try {
    return recoverEnvKeySigner(signed);
  } catch (error) {
    if (error instanceof CryptoError && error.reason === "bad-signature") return null;
    throw error;
  }
}
