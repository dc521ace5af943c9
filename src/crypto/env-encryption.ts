import { gcm } from "@noble/ciphers/aes.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { clean, concatBytes, isBytes, randomBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { assertLength, assertList, assertText } from "./assertions.ts";
import { CryptoError } from "./crypto-error.ts";
import { parseEnvPlaintext } from "./env-plaintext.ts";

/** One environment variable. */
export type EnvVar = { readonly key: string; readonly value: string };

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = KEY_BYTES + IV_BYTES;

/** Length in bytes of a sealed environment whose plaintext is empty; nothing shorter can be one. */
export const MIN_SEALED_BYTES = HEADER_BYTES + TAG_BYTES;

/**
 * Seals a whole environment to an app's key, so that only the app's CVM can open it.
 *
 * Layout: ephemeral public key (32) ‖ IV (12) ‖ ciphertext ‖ tag (16). The guest fixes the format, and
 * two things in it are not oversights of this code: the X25519 shared secret is the AES-256-GCM key as it
 * stands, with **no KDF**, and there is **no AAD**, so nothing ties the result to an app, a CVM or a time.
 * `docs/crypto.md` says what follows from that.
 *
 * The guest's limits are not checked here: see `findEnvProblems`.
 *
 * @param env - every variable; an update replaces the whole set, and an empty one is allowed
 * @param publicKey - the app's X25519 public key, 32 bytes
 * @throws CryptoError `bad-length`, `bad-env` (no list), `bad-text`, `low-order-key`
 */
export function sealEnv(env: readonly EnvVar[], publicKey: Uint8Array): Uint8Array {
  assertLength("publicKey", publicKey, KEY_BYTES);
  assertList("env", env, "bad-env");
  const plaintext = encodeEnv(env);
  const { secretKey, publicKey: ephemeralKey } = x25519.keygen();
  const key = agreeOnKey("publicKey", secretKey, publicKey);
  // A random IV is safe here whatever the number of seals: the AES key is new every time as well.
  const iv = randomBytes(IV_BYTES);
  const sealed = concatBytes(ephemeralKey, iv, gcm(key, iv).encrypt(plaintext));
  // As far as a garbage-collected language goes: the caller's own strings stay where they are.
  clean(secretKey, key, plaintext);
  return sealed;
}

/**
 * Opens what {@link sealEnv} or the Phala Cloud SDK sealed. The gateway holds no private key and never
 * calls this; the sandbox does, in the place of the guest.
 *
 * @param privateKey - the app's X25519 private key, 32 bytes
 * @throws CryptoError `bad-length`, `low-order-key`, `unopenable`, `bad-plaintext`
 */
export function openEnv(sealed: Uint8Array, privateKey: Uint8Array): EnvVar[] {
  if (!isBytes(sealed) || sealed.length < MIN_SEALED_BYTES) {
    throw new CryptoError(
      "bad-length",
      "sealed",
      `must be a Uint8Array of ${MIN_SEALED_BYTES} bytes or more`,
    );
  }
  assertLength("privateKey", privateKey, KEY_BYTES);
  const ephemeralKey = sealed.subarray(0, KEY_BYTES);
  assertCanonical(ephemeralKey);
  const key = agreeOnKey("sealed", privateKey, ephemeralKey);
  const plaintext = decrypt(key, sealed.subarray(KEY_BYTES, HEADER_BYTES), sealed.subarray(HEADER_BYTES));
  const env = parseEnvPlaintext(plaintext);
  clean(key, plaintext);
  return env;
}

function encodeEnv(env: readonly EnvVar[]): Uint8Array {
  const pairs = env.map(({ key, value }, index) => {
    // JSON.stringify would write a lone surrogate as `\udXXX`, which the guest's JSON parser refuses: the
    // CVM would then fail to boot, after the API has said that all is well.
    assertText(`env[${index}].key`, key);
    assertText(`env[${index}].value`, value);
    return { key, value };
  });
  return utf8ToBytes(JSON.stringify({ env: pairs }));
}

function agreeOnKey(argument: string, privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  try {
    return x25519.getSharedSecret(privateKey, publicKey);
  } catch {
    // Lengths are checked, so the all-zero secret of a low-order point is all that noble can refuse.
    throw new CryptoError("low-order-key", argument, "holds an X25519 point of low order");
  }
}

function decrypt(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  try {
    return gcm(key, iv).decrypt(ciphertext);
  } catch {
    throw new CryptoError("unopenable", "sealed", "was not sealed to this key, or was altered");
  }
}

/**
 * X25519 ignores the top bit of a point and reduces the rest modulo 2^255 - 19 (RFC 7748 §5), and without
 * AAD the tag does not cover the ephemeral key. So an altered blob could open. Every sealer writes the
 * canonical form; any other is an alteration.
 */
function assertCanonical(point: Uint8Array): void {
  const [first = 0] = point;
  const last = point[KEY_BYTES - 1] ?? 0;
  const wraps = last === 0x7f && first >= 0xed && point.subarray(1, -1).every((byte) => byte === 0xff);
  if (last > 0x7f || wraps) {
    throw new CryptoError("unopenable", "sealed", "was not sealed to this key, or was altered");
  }
}
