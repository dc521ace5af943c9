import { bytesToHex } from "@noble/hashes/utils.js";
import { assertList } from "./assertions.ts";
import { type BytesOrHex, parseBytes } from "./bytes-or-hex.ts";
import { CryptoError } from "./crypto-error.ts";
import { encryptEnv } from "./env-encryption.ts";
import { findEnvProblems } from "./env-rules.ts";
import type { EnvVar } from "./types.ts";

/*
 * Entry point of the sealing kit, published as `@cvm-gateway/client/seal`. Seal an environment on the client,
 * so that the gateway only forwards ciphertext. It runs in browsers, React Native and Node, and needs
 * `crypto.getRandomValues`, `TextEncoder` and nothing else.
 */

export type { BytesOrHex } from "./bytes-or-hex.ts";
export { CryptoError, type CryptoErrorReason } from "./crypto-error.ts";
export {
  type EnvKeyInput,
  type EnvKeyProblem,
  type EnvKeyResult,
  verifyEnvKey,
} from "./env-key-verification.ts";
export { type EnvProblem, findEnvProblems } from "./env-rules.ts";
export type { EnvVar } from "./types.ts";

/**
 * Seal a whole environment to an app's key.
 *
 * The guest's rules are checked first, because the guest itself checks them only at boot. To show every
 * problem next to its form field, call {@link findEnvProblems} before.
 *
 * @param env - every variable, because an update replaces the whole set
 * @param publicKey - `Cvm.envEncryptionKey.publicKey`, 32 bytes
 * @returns lower-case hex for `EncryptedEnvInput.encryptedEnv`
 * @throws CryptoError `bad-env`, `bad-hex`, `bad-length`, `bad-text`, `low-order-key`,
 *   `missing-platform-api`
 *
 * @example
 * ```ts
 * const encryptedEnv = sealEnv([{ key: "API_TOKEN", value: token }], publicKey);
 * ```
 */
export function sealEnv(env: readonly EnvVar[], publicKey: BytesOrHex): string {
  const recipient = parseBytes("publicKey", publicKey);
  assertList("env", env, "bad-env");
  const [problem] = findEnvProblems(env);
  if (problem) {
    const argument = problem.index === null ? "env" : `env[${problem.index}]`;
    throw new CryptoError("bad-env", argument, `cannot be sealed: ${problem.message}`);
  }
  return bytesToHex(encryptEnv(env, recipient));
}
