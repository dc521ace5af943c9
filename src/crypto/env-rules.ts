import { assertList, hasLoneSurrogate } from "./assertions.ts";
import { encodeUtf8 } from "./platform.ts";
import type { EnvVar } from "./types.ts";

/** One reason why an environment must not be sealed. It never contains a value. */
export type EnvProblem = {
  /** Index of the variable; null for a problem of the whole set. */
  readonly index: number | null;
  /** The variable's key; null when it is not a valid key, because it could be a misplaced value. */
  readonly key: string | null;
  /** A sentence to show to users. */
  readonly message: string;
};

/**
 * The guest's limits (dstack). The guest checks them at boot, after the API has accepted the update with 202.
 * An environment that breaks one keeps the CVM from booting, so check before sealing.
 */
export const ENV_LIMITS = {
  /** Number of variables in one environment. */
  pairs: 1024,
  /** Bytes of one key. */
  keyBytes: 255,
  /** UTF-8 bytes of one value: 128 KiB. */
  valueBytes: 128 * 1024,
  /** UTF-8 bytes of all keys and values together: 1 MiB. */
  totalBytes: 1024 * 1024,
} as const;

const KEY_PATTERN = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/**
 * Find the variables that the guest would reject, and keys that are given twice. The guest accepts those and
 * silently uses the last one.
 *
 * The guest drops keys outside `allowed_envs` before it counts and measures. Here every variable counts,
 * because the list of allowed keys is made from the sealed variables.
 *
 * @returns every problem in the order of `env`, then those of the whole set. Empty when the guest accepts
 *   the environment. With too many variables, that is the only problem, so that the result stays small.
 * @throws CryptoError `bad-env` if `env` is not an array, `missing-platform-api`
 *
 * @example
 * ```ts
 * for (const { index, message } of findEnvProblems(env)) showError(index, message);
 * ```
 */
export function findEnvProblems(env: readonly EnvVar[]): EnvProblem[] {
  assertList("env", env, "bad-env");
  if (env.length > ENV_LIMITS.pairs) {
    const message = `There are ${env.length} variables; at most ${ENV_LIMITS.pairs} are allowed.`;
    return [{ index: null, key: null, message }];
  }
  const problems: EnvProblem[] = [];
  const firstIndexes = new Map<string, number>();
  let totalBytes = 0;
  for (const [index, variable] of env.entries()) {
    const { key, value } = toVariable(variable);
    if (typeof key !== "string" || typeof value !== "string") {
      problems.push({ index, key: null, message: "Key and value must be strings." });
      continue;
    }
    const valueBytes = encodeUtf8(value).length;
    totalBytes += encodeUtf8(key).length + valueBytes;
    const shownKey = isEnvKey(key) ? key : null;
    const report = (message: string) => problems.push({ index, key: shownKey, message });

    if (shownKey === null) report(describeBadKey(key));
    const first = firstIndexes.get(key);
    if (first === undefined) firstIndexes.set(key, index);
    else report(`The key is given twice: variables ${first} and ${index}.`);
    if (hasLoneSurrogate(value)) report("The value has a lone surrogate, which has no UTF-8 form.");
    if (valueBytes > ENV_LIMITS.valueBytes) {
      report(`The value has ${valueBytes} bytes; at most ${ENV_LIMITS.valueBytes} are allowed.`);
    }
  }
  if (totalBytes > ENV_LIMITS.totalBytes) {
    const message = `Keys and values have ${totalBytes} bytes together; at most ${ENV_LIMITS.totalBytes} are allowed.`;
    problems.push({ index: null, key: null, message });
  }
  return problems;
}

/** Callers in plain JavaScript can leave a hole in the list. */
function toVariable(variable: EnvVar | null | undefined): Partial<EnvVar> {
  return variable ?? {};
}

/** True for a key that the guest accepts: 1 to 255 bytes, ASCII letters, digits and `_`, no digit first. */
export function isEnvKey(key: string): boolean {
  // The pattern allows ASCII only, so characters are bytes.
  return KEY_PATTERN.test(key) && key.length <= ENV_LIMITS.keyBytes;
}

function describeBadKey(key: string): string {
  if (key === "") return "The key is empty.";
  if (KEY_PATTERN.test(key))
    return `The key has ${key.length} bytes; at most ${ENV_LIMITS.keyBytes} are allowed.`;
  return "The key may hold only letters A to Z, digits and _, and must not start with a digit.";
}
