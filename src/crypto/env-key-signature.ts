import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { assertLength } from "./assertions.ts";
import { CryptoError } from "./crypto-error.ts";

/** What a KMS signs: this app seals to this key, in the timestamped layout also when it was said. */
export type EnvKeyStatement = {
  /** 20 bytes. */
  readonly appId: Uint8Array;
  /** The app's X25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Unix seconds. With it the layout is the one of `signature_v1`, without it that of `signature`. */
  readonly timestamp?: bigint | number | undefined;
};

/** A statement with its signature: r (32) ‖ s (32) ‖ recovery id (1), 65 bytes. */
export type SignedEnvKey = EnvKeyStatement & { readonly signature: Uint8Array };

const DOMAIN = utf8ToBytes("dstack-env-encrypt-pubkey:");
const SIGNATURE_BYTES = 65;
const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/**
 * Builds the bytes whose keccak-256 a KMS signs: domain ‖ app id (20) ‖ [timestamp, u64 big-endian (8)] ‖
 * public key (32). Fixed by dstack; the two layouts differ in length, so neither can pass for the other.
 *
 * @throws CryptoError `bad-length`, `bad-number`
 */
export function envKeyMessage({ appId, publicKey, timestamp }: EnvKeyStatement): Uint8Array {
  assertLength("appId", appId, 20);
  assertLength("publicKey", publicKey, 32);
  const time = timestamp === undefined ? new Uint8Array() : encodeU64(toSeconds("timestamp", timestamp));
  return concatBytes(DOMAIN, appId, time, publicKey);
}

/**
 * Recovers the key that made a signature. **This proves nothing by itself**: some key comes out for
 * almost any 65 bytes and any statement, and another one for the wrong layout. Only a comparison with a key
 * trusted beforehand is a check; see `verifyEnvKey`.
 *
 * The recovery id must be 0 or 1, as the KMS writes it (27 and 28 are Ethereum's convention and never
 * occur here), and s must be in the lower half, as every KMS makes it: one statement, one signature form.
 *
 * @returns the signer's public key, compressed, 33 bytes
 * @throws CryptoError `bad-length`, `bad-number`, `bad-signature`
 */
export function recoverEnvKeySigner({ signature, ...statement }: SignedEnvKey): Uint8Array {
  assertLength("signature", signature, SIGNATURE_BYTES);
  const digest = keccak_256(envKeyMessage(statement));
  const recoveryId = signature[SIGNATURE_BYTES - 1];
  if (recoveryId !== 0 && recoveryId !== 1) {
    throw new CryptoError("bad-signature", "signature", "must end in a recovery id of 0 or 1");
  }
  const point = recoverPoint(signature.subarray(0, SIGNATURE_BYTES - 1), recoveryId, digest);
  if (point === null)
    throw new CryptoError("bad-signature", "signature", "is not a low-s secp256k1 signature");
  return point;
}

/**
 * Reads unix seconds.
 *
 * @throws CryptoError `bad-number` outside an unsigned 64-bit integer, and for a `number` that is not a
 *   safe integer
 */
export function toSeconds(argument: string, seconds: bigint | number): bigint {
  const exact = typeof seconds === "bigint" || Number.isSafeInteger(seconds);
  const value = exact ? BigInt(seconds) : -1n;
  if (value < 0n || value > MAX_U64) {
    throw new CryptoError("bad-number", argument, "must be whole seconds since 1970");
  }
  return value;
}

function encodeU64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, false);
  return bytes;
}

function recoverPoint(compact: Uint8Array, recoveryId: 0 | 1, digest: Uint8Array): Uint8Array | null {
  try {
    const signature = secp256k1.Signature.fromBytes(compact, "compact");
    if (signature.hasHighS()) return null;
    return signature.addRecoveryBit(recoveryId).recoverPublicKey(digest).toBytes(true);
  } catch {
    // r or s is 0 or not below the group order, or r is the x of no point.
    return null;
  }
}
