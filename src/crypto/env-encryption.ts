import { gcm } from "@noble/ciphers/aes.js";

import { clean, concatBytes, isBytes, randomBytes } from "@noble/hashes/utils.js";
import { assertLength, assertList } from "./assertions.ts";
import { CryptoError } from "./crypto-error.ts";
import { x25519 } from "./curves.ts";
import { encodeEnvPlaintext, parseEnvPlaintext } from "./env-plaintext.ts";
import { assertRandomness } from "./platform.ts";
import type { EnvVar } from "./types.ts";

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = KEY_BYTES + IV_BYTES;

/** Length of a sealed environment with an empty plaintext, in bytes. A shorter one cannot be valid. */
export const MIN_SEALED_BYTES = HEADER_BYTES + TAG_BYTES;

/** Encrypts with AES-256-GCM. @returns the ciphertext, followed by the tag */
export type EncryptBytes = (key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array) => Uint8Array;

const encryptBytes: EncryptBytes = (key, iv, plaintext) => gcm(key, iv).encrypt(plaintext);

/**
 * Encrypt a whole environment to an app's key, so that only the app's CVM can decrypt it.
 *
 * Layout of the result: ephemeral public key (32) ‖ IV (12) ‖ ciphertext ‖ tag (16). The guest (dstack)
 * fixes this format, including two weaknesses: the X25519 shared secret is used as the AES-256-GCM key
 * **without a KDF**, and there is **no AAD** that binds the result to an app, a CVM or a time. See
 * docs/crypto.md for the consequences.
 *
 * The guest's limits are not checked here. Use `findEnvProblems`, or `sealEnv` for both.
 *
 * @param env - every variable, because an update replaces the whole set. It may be empty.
 * @param publicKey - the app's X25519 public key, 32 bytes
 * @param encrypt - a faster implementation of the platform. The default works everywhere.
 * @throws CryptoError `bad-length`, `bad-env` (`env` is not an array), `bad-text`, `low-order-key`,
 *   `missing-platform-api`
 */
export function encryptEnv(
  env: readonly EnvVar[],
  publicKey: Uint8Array,
  encrypt = encryptBytes,
): Uint8Array {
  assertLength("publicKey", publicKey, KEY_BYTES);
  assertList("env", env, "bad-env");
  assertRandomness();
  const plaintext = encodeEnvPlaintext(env);
  const { secretKey, publicKey: ephemeralKey } = x25519.keygen();
  const key = deriveKey("publicKey", secretKey, publicKey);
  // A random IV is safe for any number of calls, because the AES key is also new each time.
  const iv = randomBytes(IV_BYTES);
  const sealed = concatBytes(ephemeralKey, iv, encrypt(key, iv, plaintext));
  // Best effort: JavaScript cannot overwrite the caller's strings.
  clean(secretKey, key, plaintext);
  return sealed;
}

/**
 * Decrypt an environment that {@link encryptEnv} or the Phala Cloud SDK encrypted. The gateway holds no
 * private key and never calls this. The sandbox calls it in place of the guest.
 *
 * @param sealed - the layout of {@link encryptEnv}
 * @param privateKey - the app's X25519 private key, 32 bytes
 * @throws CryptoError `bad-length`, `low-order-key`, `unopenable`, `bad-plaintext`
 */
export function decryptEnv(sealed: Uint8Array, privateKey: Uint8Array): EnvVar[] {
  if (!isBytes(sealed) || sealed.length < MIN_SEALED_BYTES) {
    throw new CryptoError(
      "bad-length",
      "sealed",
      `must be a Uint8Array of ${MIN_SEALED_BYTES} bytes or more.`,
    );
  }
  assertLength("privateKey", privateKey, KEY_BYTES);
  const ephemeralKey = sealed.subarray(0, KEY_BYTES);
  assertCanonical(ephemeralKey);
  const key = deriveKey("sealed", privateKey, ephemeralKey);
  const plaintext = decrypt(key, sealed.subarray(KEY_BYTES, HEADER_BYTES), sealed.subarray(HEADER_BYTES));
  const env = parseEnvPlaintext(plaintext);
  clean(key, plaintext);
  return env;
}

function deriveKey(argument: string, privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  try {
    return x25519.getSharedSecret(privateKey, publicKey);
  } catch {
    // The lengths are right, so the only remaining cause is the all-zero secret of a low-order point.
    throw new CryptoError("low-order-key", argument, "holds an X25519 point of low order.");
  }
}

function decrypt(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  try {
    return gcm(key, iv).decrypt(ciphertext);
  } catch {
    throw createUnopenableError();
  }
}

/**
 * Assert that an ephemeral key has its canonical form. X25519 ignores the top bit of a point and reduces the
 * rest modulo 2^255 - 19 (RFC 7748 §5). The tag does not cover the ephemeral key, so an altered key could
 * otherwise still decrypt. Every encrypting implementation writes the canonical form.
 */
function assertCanonical(point: Uint8Array): void {
  const [first = 0] = point;
  const last = point[KEY_BYTES - 1] ?? 0;
  const exceedsModulus =
    last === 0x7f && first >= 0xed && point.subarray(1, -1).every((byte) => byte === 0xff);
  if (last > 0x7f || exceedsModulus) throw createUnopenableError();
}

function createUnopenableError(): CryptoError {
  return new CryptoError("unopenable", "sealed", "was not sealed to this key, or was altered.");
}
