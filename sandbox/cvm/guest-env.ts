import { hexToBytes } from "@noble/hashes/utils.js";
import { decryptEnv } from "../../src/crypto/env-encryption.ts";
import { findEnvProblems } from "../../src/crypto/env-rules.ts";
import type { EnvVar } from "../../src/crypto/types.ts";
import { bareHex } from "../identity.ts";

/** The environment of a CVM as it came, and what opening it gave. */
export type StoredEnv = {
  /** Bare lower-case hex; empty when none was ever sent. */
  readonly sealed: string;
  /** Everything that was sealed; null when it could not be opened. */
  readonly opened: readonly EnvVar[] | null;
};

/** What the guest makes of its environment at boot: the variables, or the reason why it does not boot. */
export type GuestEnv = { readonly env: readonly EnvVar[]; readonly problem: string | null };

/** An environment that nobody has sent yet. */
export const NO_ENV: StoredEnv = { sealed: "", opened: [] };

/** Opens an environment with the app's key, as the guest will; never throws, since the API does not look inside. */
export function storeEnv(sealedHex: string, privateKey: Uint8Array): StoredEnv {
  const sealed = bareHex(sealedHex);
  try {
    return { sealed, opened: decryptEnv(hexToBytes(sealed), privateKey) };
  } catch {
    return { sealed, opened: null };
  }
}

/**
 * Applies the guest's rules in its order: keys that are not allowed are skipped without a word, of a key
 * given twice the last counts, then the limits.
 */
export function applyGuestRules(stored: StoredEnv, allowedEnvs: readonly string[]): GuestEnv {
  if (stored.opened === null) return { env: [], problem: "failed to decrypt the environment variables" };
  const allowed = new Set(allowedEnvs);
  const latest = new Map(stored.opened.map(({ key, value }) => [key, value]));
  const env = [...latest].filter(([key]) => allowed.has(key)).map(([key, value]) => ({ key, value }));
  const [problem] = findEnvProblems(env);
  if (problem === undefined) return { env, problem: null };
  return { env: [], problem: `invalid environment variables: ${problem.message}` };
}
