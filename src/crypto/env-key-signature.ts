import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { assertLength } from "./assertions.ts";
import { CryptoError } from "./crypto-error.ts";
import { secp256k1 } from "./curves.ts";
import { encodeUtf8 } from "./platform.ts";

/** Statement that a KMS signs: "this app seals to this key", and in the timestamped layout also when. */
export type EnvKeyStatement = {
  /** 20 bytes. */
  readonly appId: Uint8Array;
  /** The app's X25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Unix seconds. With it the layout is that of `signature_v1`, without it that of `signature`. */
  readonly timestamp?: bigint | number | undefined;
};

/** A statement with its signature: r (32) ‖ s (32) ‖ recovery id (1), 65 bytes. */
export type SignedEnvKeyStatement = EnvKeyStatement & { readonly signature: Uint8Array };

const DOMAIN = "dstack-env-encrypt-pubkey:";
const SIGNATURE_BYTES = 65;
const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/**
 * Encode the message whose keccak-256 a KMS signs: domain ‖ app id (20) ‖ [timestamp, u64 big-endian (8)] ‖
 * public key (32). dstack fixes both layouts. They differ in length, so one cannot be mistaken for the other.
 *
 * @returns 78 bytes, or 86 bytes with a timestamp
 * @throws CryptoError `bad-length`, `bad-number`
 */
export function encodeEnvKeyMessage({ appId, publicKey, timestamp }: EnvKeyStatement): Uint8Array {
  assertLength("appId", appId, 20);
  assertLength("publicKey", publicKey, 32);
  const time = timestamp === undefined ? new Uint8Array() : encodeU64(parseSeconds("timestamp", timestamp));
  return concatBytes(encodeUtf8(DOMAIN), appId, time, publicKey);
}

/**
 * Recover the key that made a signature. **This alone proves nothing**: almost any 65 bytes yield some key
 * for any statement, and the wrong layout yields another key. Compare the result with a key that you already
 * trust, or use `verifyEnvKey`, which does so.
 *
 * The recovery id must be 0 or 1, as the KMS writes it. (27 and 28 are Ethereum's convention and do not
 * occur here.) s must be in the lower half of the group order, so that each statement has one valid form.
 *
 * @returns the signer's public key, compressed, 33 bytes
 * @throws CryptoError `bad-length`, `bad-number`, `bad-signature`
 */
export function recoverEnvKeySigner({ signature, ...statement }: SignedEnvKeyStatement): Uint8Array {
  assertLength("signature", signature, SIGNATURE_BYTES);
  const digest = keccak_256(encodeEnvKeyMessage(statement));
  const recoveryId = signature[SIGNATURE_BYTES - 1];
  if (recoveryId !== 0 && recoveryId !== 1) {
    throw new CryptoError("bad-signature", "signature", "must end in a recovery id of 0 or 1.");
  }
  const point = recoverPoint(signature.subarray(0, SIGNATURE_BYTES - 1), recoveryId, digest);
  if (point === null) {
    throw new CryptoError("bad-signature", "signature", "is not a low-s secp256k1 signature.");
  }
  return point;
}

/**
 * Parse unix seconds.
 *
 * @param argument - the argument's name, for the error message
 * @throws CryptoError `bad-number` outside an unsigned 64-bit integer, and for a `number` that is not a
 *   safe integer
 */
export function parseSeconds(argument: string, seconds: bigint | number): bigint {
  const exact = typeof seconds === "bigint" || Number.isSafeInteger(seconds);
  const value = exact ? BigInt(seconds) : -1n;
  if (value < 0n || value > MAX_U64) {
    throw new CryptoError("bad-number", argument, "must be whole seconds since 1970.");
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
    // r or s is 0 or not below the group order, or r is not the x coordinate of a point.
    return null;
  }
}
