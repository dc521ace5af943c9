import { bytesToHex } from "@noble/hashes/utils.js";
import { assertLength, assertList } from "./assertions.ts";
import { type BytesOrHex, parseBytes } from "./bytes-or-hex.ts";
import { CryptoError } from "./crypto-error.ts";
import { secp256k1 } from "./curves.ts";
import { parseSeconds, recoverEnvKeySigner, type SignedEnvKeyStatement } from "./env-key-signature.ts";

/** Maximum age of a timestamped signature, in seconds (dstack SDK). */
const MAX_SIGNATURE_AGE_SECONDS = 300;
/** How far a timestamp may be ahead of `now`, in seconds, because clocks differ (dstack SDK). */
const MAX_CLOCK_SKEW_SECONDS = 60;

/** Input of {@link verifyEnvKey}. Keys and signatures are bytes or hex. */
export type EnvKeyInput = {
  /** `Cvm.appId`, 20 bytes. */
  readonly appId: BytesOrHex;
  /** `Cvm.envEncryptionKey.publicKey`, 32 bytes. */
  readonly publicKey: BytesOrHex;
  /** `Cvm.envEncryptionKey.signature`, 65 bytes. */
  readonly signature: BytesOrHex;
  /**
   * KMS root keys that you trust: secp256k1, 33 bytes compressed or 65 bytes uncompressed. Required, without
   * a default. Ship them with your app or read them from the chain. Never take them from the gateway or the
   * REST API: a key that arrives together with the signature proves nothing.
   */
  readonly trustedRootKeys: readonly BytesOrHex[];
  /** Unix seconds. Only for a `signature_v1`. */
  readonly timestamp?: bigint | number | undefined;
  /** The current time in unix seconds. Required with `timestamp`, otherwise unused. */
  readonly now?: bigint | number | undefined;
};

/** Why a key is not verified. A forged signature, or one over other data, is an `untrusted-signer`. */
export type EnvKeyProblem =
  | "no-trusted-root-keys"
  | "malformed-signature"
  | "untrusted-signer"
  | "too-old"
  | "from-the-future";

/**
 * Result of {@link verifyEnvKey}. `signer` is the recovered public key: compressed, lower-case hex, 66 digits.
 * It means nothing unless `verified` is true.
 */
export type EnvKeyResult =
  | { readonly verified: true; readonly signer: string }
  | { readonly verified: false; readonly signer: string | null; readonly reason: EnvKeyProblem };

/**
 * Verify that one of the trusted KMS root keys signed this public key for this app. Call it before you seal,
 * and seal nothing when the result is `verified: false`.
 *
 * A bad signature is a result, not an exception. The function throws only on unusable arguments, such as a
 * key of the wrong length. A legacy signature (without `timestamp`) has no age and never expires.
 *
 * @throws CryptoError `bad-hex`, `bad-length`, `bad-number`, `bad-root-key`, `missing-platform-api`
 *
 * @example
 * ```ts
 * const result = verifyEnvKey({ appId, publicKey, signature, trustedRootKeys: ["02…"] });
 * if (!result.verified) throw new Error(`The key is not verified: ${result.reason}`);
 * ```
 */
export function verifyEnvKey(input: EnvKeyInput): EnvKeyResult {
  assertList("trustedRootKeys", input?.trustedRootKeys, "bad-root-key");
  const signed = {
    appId: parseBytes("appId", input.appId),
    publicKey: parseBytes("publicKey", input.publicKey),
    signature: parseBytes("signature", input.signature),
    timestamp: input.timestamp,
  };
  const trusted = parseRootKeys(input.trustedRootKeys);
  const ageProblem = findAgeProblem(input.timestamp, input.now);
  const signer = recoverSigner(signed);
  const reject = (reason: EnvKeyProblem): EnvKeyResult => ({ verified: false, signer, reason });

  if (signer === null) return reject("malformed-signature");
  if (trusted.size === 0) return reject("no-trusted-root-keys");
  // These are public keys, so the comparison need not take constant time.
  if (!trusted.has(signer)) return reject("untrusted-signer");
  if (ageProblem !== null) return reject(ageProblem);
  return { verified: true, signer };
}

/** Parse root keys into compressed lower-case hex. */
function parseRootKeys(keys: readonly BytesOrHex[]): ReadonlySet<string> {
  const parsed = keys.map((key, index) => parseBytes(`trustedRootKeys[${index}]`, key));
  return new Set(parsed.map((key, index) => compressKey(`trustedRootKeys[${index}]`, key)));
}

function compressKey(argument: string, key: Uint8Array): string {
  assertLength(argument, key, 33, 65);
  try {
    return secp256k1.Point.fromBytes(key).toHex(true);
  } catch {
    throw new CryptoError("bad-root-key", argument, "is not a point on secp256k1.");
  }
}

function findAgeProblem(
  timestamp: bigint | number | undefined,
  now: bigint | number | undefined,
): EnvKeyProblem | null {
  if (timestamp === undefined) return null;
  if (now === undefined) throw new CryptoError("bad-number", "now", "is required with a timestamp.");
  const age = parseSeconds("now", now) - parseSeconds("timestamp", timestamp);
  if (age > MAX_SIGNATURE_AGE_SECONDS) return "too-old";
  return age < -MAX_CLOCK_SKEW_SECONDS ? "from-the-future" : null;
}

/** The signer as hex; null when no key can be recovered. */
function recoverSigner(signed: SignedEnvKeyStatement): string | null {
  try {
    return bytesToHex(recoverEnvKeySigner(signed));
  } catch (error) {
    if (error instanceof CryptoError && error.reason === "bad-signature") return null;
    throw error;
  }
}
