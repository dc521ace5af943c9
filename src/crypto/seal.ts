import { bytesToHex } from "@noble/hashes/utils.js";
import { assertList } from "./assertions.ts";
import { CryptoError } from "./crypto-error.ts";
import { type EnvVar, sealEnv as sealEnvBytes } from "./env-encryption.ts";
import { findEnvProblems } from "./env-rules.ts";
import { type BytesOrHex, readBytes } from "./hex.ts";
import { type EnvKeyRefusal, verifyEnvKey as verifyEnvKeyBytes } from "./env-key-verification.ts";

/**
 * The client's half, published as `cvm-gateway/seal`: seal an environment where it is typed in, so that
 * the gateway passes on what it cannot read. Runs in browsers, React Native and Node; needs
 * `crypto.getRandomValues` and `TextEncoder` and nothing else.
 */

export { CryptoError, type CryptoErrorReason } from "./crypto-error.ts";
export type { EnvVar } from "./env-encryption.ts";
export { type EnvProblem, findEnvProblems } from "./env-rules.ts";
export type { BytesOrHex } from "./hex.ts";
export type { EnvKeyRefusal } from "./env-key-verification.ts";

/** Input of {@link verifyEnvKey}; every key and signature as bytes or hex. */
export type EnvKeyInput = {
  /** 20 bytes. */
  readonly appId: BytesOrHex;
  /** `Cvm.envEncryptionKey.publicKey`, 32 bytes. */
  readonly publicKey: BytesOrHex;
  /** `Cvm.envEncryptionKey.signature`, 65 bytes. */
  readonly signature: BytesOrHex;
  /**
   * KMS root keys that your app ships or reads from the chain, 33 or 65 bytes each. Never take them from
   * the gateway or the API: they would vouch for themselves.
   */
  readonly trustedRootKeys: readonly BytesOrHex[];
  /** Unix seconds, only with a `signature_v1`. */
  readonly timestamp?: bigint | number | undefined;
  /** Unix seconds now, required with `timestamp`. */
  readonly now?: bigint | number | undefined;
};

/** The verdict; `signer` is lower-case hex of a compressed key. */
export type EnvKeyResult =
  | { readonly verified: true; readonly signer: string }
  | { readonly verified: false; readonly signer: string | null; readonly reason: EnvKeyRefusal };

/**
 * Seals a whole environment to an app's key.
 *
 * The guest's rules are checked first, because it checks them only at boot. For a form that shows every
 * problem at its field, call {@link findEnvProblems} beforehand.
 *
 * @param env - every variable: an update replaces the whole set
 * @param publicKey - `Cvm.envEncryptionKey.publicKey`, 32 bytes
 * @returns lower-case hex, ready for `EncryptedEnvInput.encryptedEnv`
 * @throws CryptoError `bad-env`, `bad-hex`, `bad-length`, `bad-text`, `low-order-key`
 */
export function sealEnv(env: readonly EnvVar[], publicKey: BytesOrHex): string {
  const recipient = readBytes("publicKey", publicKey);
  assertList("env", env, "bad-env");
  const [problem] = findEnvProblems(env);
  if (problem) {
    const argument = problem.index === null ? "env" : `env[${problem.index}]`;
    throw new CryptoError("bad-env", argument, `cannot be sealed: ${problem.message}`);
  }
  return bytesToHex(sealEnvBytes(env, recipient));
}

/**
 * Decides whether one of the trusted KMS root keys says that this public key is this app's. Do it before
 * sealing; on `verified: false` seal nothing.
 *
 * @throws CryptoError `bad-hex`, `bad-length`, `bad-number`, `bad-root-key`
 */
export function verifyEnvKey(input: EnvKeyInput): EnvKeyResult {
  assertList("trustedRootKeys", input.trustedRootKeys, "bad-root-key");
  const verdict = verifyEnvKeyBytes({
    appId: readBytes("appId", input.appId),
    publicKey: readBytes("publicKey", input.publicKey),
    signature: readBytes("signature", input.signature),
    trustedRootKeys: input.trustedRootKeys.map((key, index) => readBytes(`trustedRootKeys[${index}]`, key)),
    timestamp: input.timestamp,
    now: input.now,
  });
  if (verdict.verified) return { verified: true, signer: bytesToHex(verdict.signer) };
  return { ...verdict, signer: verdict.signer && bytesToHex(verdict.signer) };
}
