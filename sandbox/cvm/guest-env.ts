import { hexToBytes } from "@noble/hashes/utils.js";
import { decryptEnv } from "../../src/crypto/env-encryption.ts";
import { findEnvProblems } from "../../src/crypto/env-rules.ts";
import type { EnvVar } from "../../src/crypto/types.ts";
import { bareHex } from "../identity.ts";

/** The environment of a CVM, encrypted and decrypted. */
export type StoredEnv = {
  /** The encrypted environment in bare lower-case hex; empty when none was sent. */
  readonly encrypted: string;
  /** The decrypted environment; null when it cannot be decrypted. */
  readonly decrypted: readonly EnvVar[] | null;
};

/** The environment of the guest at boot, or the reason why it does not boot. */
export type GuestEnv = { readonly env: readonly EnvVar[]; readonly problem: string | null };

/** The environment of a CVM for which none was sent. */
export const NO_ENV: StoredEnv = { encrypted: "", decrypted: [] };

/** Decrypt an environment with the key of the app, as the guest does. Never throws: the API cannot read it. */
export function storeEnv(encryptedHex: string, privateKey: Uint8Array): StoredEnv {
  const encrypted = bareHex(encryptedHex);
  try {
    return { encrypted, decrypted: decryptEnv(hexToBytes(encrypted), privateKey) };
  } catch {
    return { encrypted, decrypted: null };
  }
}

/**
 * Apply the rules of the guest in its order: keys outside `allowed_envs` are dropped silently, the last value of
 * a repeated key counts, then the limits are checked.
 */
export function applyGuestRules(stored: StoredEnv, allowedEnvs: readonly string[]): GuestEnv {
  if (stored.decrypted === null) return { env: [], problem: "failed to decrypt the environment variables" };
  const allowed = new Set(allowedEnvs);
  const latest = new Map(stored.decrypted.map(({ key, value }) => [key, value]));
  const env = [...latest].filter(([key]) => allowed.has(key)).map(([key, value]) => ({ key, value }));
  const [problem] = findEnvProblems(env);
  if (problem === undefined) return { env, problem: null };
  return { env: [], problem: `invalid environment variables: ${problem.message}` };
}
