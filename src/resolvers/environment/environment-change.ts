import { MIN_SEALED_BYTES } from "../../crypto/env-encryption.ts";
import { ENV_LIMITS, findEnvProblems, isEnvKey } from "../../crypto/env-rules.ts";
import type { EncryptedEnvInput, EnvInput, EnvVarInput } from "../../schema/input/environment.ts";
import { describeInvalid, type InputProblem } from "../write/input-problem.ts";

/** The fields of an input that change the environment or its list of allowed names. */
export type EnvironmentChange = {
  readonly env?: EnvInput;
  readonly removeKeys?: readonly string[];
  readonly allowedEnvs?: readonly string[];
};

const KEY_RULE = `Expected the name of an environment variable: letters, digits and _, not starting with a digit, at most ${ENV_LIMITS.keyBytes} bytes.`;

/** List the names of the new environment in the order of the client; null if they are unknown. */
export function listNewKeys({ env, allowedEnvs }: EnvironmentChange): readonly string[] | null {
  if (env === undefined) return null;
  return env.plain?.map(({ key }) => key) ?? env.encrypted?.keys ?? allowedEnvs ?? null;
}

/**
 * Choose the list of allowed names that is sent with a change: the client's list, else the names of the new
 * environment. Names of a plain-text environment keep the present order if they are the same as now, because
 * another order is another compose hash.
 *
 * @param present - the names that the CVM allows now
 * @returns null if the list stays as it is
 */
export function chooseAllowedKeys(
  change: EnvironmentChange,
  present: readonly string[],
): readonly string[] | null {
  const { env, allowedEnvs } = change;
  if (env?.encrypted?.keys !== undefined) return env.encrypted.keys;
  if (allowedEnvs !== undefined) return allowedEnvs;
  const keys = listNewKeys(change);
  return keys !== null && haveSameMembers(keys, present) ? present : keys;
}

/** Find names in `removeKeys` that the new list has. */
export function findKeptKeys(keys: readonly string[], removeKeys: readonly string[] = []): InputProblem[] {
  const kept = new Set(keys);
  return removeKeys.flatMap((key, index) =>
    kept.has(key) ? [describeInvalid(`input.removeKeys.${index}`, "The new environment has this name.")] : [],
  );
}

/** Find what is wrong with a new environment, its allowed names and `removeKeys`. Makes no call. */
export function findEnvironmentProblems(change: EnvironmentChange, allowPlaintext: boolean): InputProblem[] {
  const { env, allowedEnvs } = change;
  return [
    ...(env?.encrypted === undefined ? [] : findEncryptedProblems(env.encrypted, "input.env.encrypted")),
    ...(env?.plain === undefined ? [] : findPlainProblems(env.plain, allowPlaintext)),
    ...findKeyProblems(allowedEnvs, "input.allowedEnvs"),
    ...findContradictions(change),
  ];
}

/** Check names of environment variables. A wrong name may be a value, so no message quotes it. */
export function findKeyProblems(keys: readonly string[] = [], path: string): InputProblem[] {
  if (keys.length > ENV_LIMITS.pairs) {
    return [{ code: "ENV_INVALID", path, message: `At most ${ENV_LIMITS.pairs} names are allowed.` }];
  }
  const seen = new Set<string>();
  return keys.flatMap((key, index): InputProblem[] => {
    const message = !isEnvKey(key) ? KEY_RULE : seen.has(key) ? "The name appears twice." : null;
    seen.add(key);
    return message === null ? [] : [{ code: "ENV_INVALID", path: `${path}.${index}`, message }];
  });
}

/** Check an encrypted environment without decrypting it. */
export function findEncryptedProblems(
  { encryptedEnv, keys }: EncryptedEnvInput,
  path: string,
): InputProblem[] {
  const problems = findKeyProblems(keys, `${path}.keys`);
  if (encryptedEnv.length >= MIN_SEALED_BYTES * 2) return problems;
  const message = `Expected at least ${MIN_SEALED_BYTES} bytes in hex: ephemeral key, nonce, ciphertext and tag.`;
  return [...problems, { code: "ENV_INVALID", path: `${path}.encryptedEnv`, message }];
}

function findPlainProblems(plain: readonly EnvVarInput[], allowPlaintext: boolean): InputProblem[] {
  const path = "input.env.plain";
  if (!allowPlaintext) {
    const message =
      "This gateway accepts encrypted environments only. Encrypt it on the client and send env.encrypted.";
    return [describeInvalid(path, message)];
  }
  return findEnvProblems(plain).map(({ index, message }) => ({
    code: "ENV_INVALID",
    path: index === null ? path : `${path}.${index}`,
    message,
  }));
}

/** Find lists of names that contradict the new environment. */
function findContradictions(change: EnvironmentChange): InputProblem[] {
  const { env, allowedEnvs, removeKeys = [] } = change;
  const keys = listNewKeys(change);
  const problems: InputProblem[] = [];
  if (keys !== null && allowedEnvs !== undefined && !haveSameMembers(keys, allowedEnvs)) {
    const message = "It lists other names than the new environment. Leave it out.";
    problems.push(describeInvalid("input.allowedEnvs", message));
  }
  if (removeKeys.length > 0 && keys === null) {
    const message =
      env === undefined
        ? "It needs a new environment. Send env as well."
        : "The names of an encrypted environment are unknown. List them in env.encrypted.keys.";
    problems.push(describeInvalid("input.removeKeys", message));
  }
  return [...problems, ...findKeptKeys(keys ?? [], removeKeys)];
}

function haveSameMembers(left: readonly string[], right: readonly string[]): boolean {
  return left.toSorted().join("\n") === right.toSorted().join("\n");
}
