import { x25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { encodeEnvKeyMessage } from "../../src/crypto/env-key-signature.ts";
import { deriveBytes } from "../identity.ts";
import { deriveRootKey, type KmsService } from "./kms.ts";

/**
 * Derive the X25519 key pair of an app. Clients encrypt the environment to its public half.
 *
 * @param appId - 40 hex digits
 */
export function deriveEnvKey(kms: KmsService, appId: string): { privateKey: Uint8Array; publicKey: string } {
  const privateKey = deriveBytes("env-key", kms.slug, appId);
  return { privateKey, publicKey: bytesToHex(x25519.getPublicKey(privateKey)) };
}

/** Sign the environment key of an app, in the legacy form: r ‖ s ‖ recovery id, 130 hex digits. */
export function signEnvKey(kms: KmsService, appId: string): string {
  const publicKey = hexToBytes(deriveEnvKey(kms, appId).publicKey);
  const digest = keccak_256(encodeEnvKeyMessage({ appId: hexToBytes(appId), publicKey }));
  const signature = secp256k1.sign(digest, deriveRootKey(kms.slug), { prehash: false, format: "recovered" });
  // noble puts the recovery id first, the KMS last.
  return bytesToHex(concatBytes(signature.subarray(1), signature.subarray(0, 1)));
}
