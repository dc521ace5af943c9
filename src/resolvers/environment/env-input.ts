import { MIN_SEALED_BYTES } from "../../crypto/env-encryption.ts";
import { ENV_LIMITS, findEnvProblems, isEnvKey } from "../../crypto/env-rules.ts";
import { describeInvalid, type InputProblem } from "../write/input-problem.ts";

/** A sealed environment as the client made it; `encryptedEnv` is bare hex. */
export type EncryptedEnvInput = {
  readonly encryptedEnv: string;
  readonly keys?: readonly string[] | null | undefined;
};

/** One variable in clear. */
export type EnvVarInput = { readonly key: string; readonly value: string };

/** An environment: sealed by the client, or in clear. Exactly one of the two is there. */
export type EnvInput = {
  readonly encrypted?: EncryptedEnvInput | null | undefined;
  readonly plain?: readonly EnvVarInput[] | null | undefined;
};

/** An environment with what stands beside it in an input. */
export type EnvChangeInput = {
  readonly env?: EnvInput | null | undefined;
  readonly removeKeys?: readonly string[] | null | undefined;
  readonly allowedEnvs?: readonly string[] | null | undefined;
};

/** Checks names of environment variables by the guest's rules. A wrong name is not quoted: it may be a value. */
export function findKeyProblems(keys: readonly string[] | null | undefined, path: string): InputProblem[] {
  const seen = new Set<string>();
  if ((keys?.length ?? 0) > ENV_LIMITS.pairs) {
    return [{ code: "ENV_INVALID", path, message: `At most ${ENV_LIMITS.pairs} keys are allowed.` }];
  }
  return (keys ?? []).flatMap((key, index): InputProblem[] => {
    const message = !isEnvKey(key)
      ? `Expected the name of an environment variable: letters, digits and _, not starting with a digit, at most ${ENV_LIMITS.keyBytes}.`
      : seen.has(key)
        ? "The name stands twice."
        : null;
    seen.add(key);
    return message === null ? [] : [{ code: "ENV_INVALID", path: `${path}.${index}`, message }];
  });
}

/** Checks a sealed environment as far as one can who cannot open it. */
export function findSealedProblems({ encryptedEnv, keys }: EncryptedEnvInput, path: string): InputProblem[] {
  const problems = findKeyProblems(keys, `${path}.keys`);
  if (encryptedEnv.length >= MIN_SEALED_BYTES * 2) return problems;
  const message = `Expected at least ${MIN_SEALED_BYTES} bytes in hex: ephemeral key, nonce, ciphertext and tag.`;
  return [...problems, { code: "ENV_INVALID", path: `${path}.encryptedEnv`, message }];
}

function findPlainProblems(plain: readonly EnvVarInput[], allowPlaintext: boolean): InputProblem[] {
  const path = "input.env.plain";
  if (!allowPlaintext) {
    const message =
      "This gateway takes sealed environments only: seal it in the client and send env.encrypted.";
    return [describeInvalid(path, message)];
  }
  return findEnvProblems(plain).map(({ index, message }) => ({
    code: "ENV_INVALID",
    path: index === null ? path : `${path}.${index}`,
    message,
  }));
}

/** The keys of the new environment, in order; null where they cannot be known. */
export function listNewKeys({ env, allowedEnvs }: EnvChangeInput): readonly string[] | null {
  if (!env) return null;
  return env.plain ? env.plain.map(({ key }) => key) : (env.encrypted?.keys ?? allowedEnvs ?? null);
}

function haveSameMembers(left: readonly string[], right: readonly string[]): boolean {
  return [...left].sort().join("\n") === [...right].sort().join("\n");
}

function findListProblems(change: EnvChangeInput): InputProblem[] {
  const { env, allowedEnvs, removeKeys } = change;
  const problems = findKeyProblems(allowedEnvs, "input.allowedEnvs");
  problems.push(...findKeyProblems(removeKeys, "input.removeKeys"));
  const keys = listNewKeys(change);
  if (env && keys && allowedEnvs && !haveSameMembers(keys, allowedEnvs)) {
    const message = "Names other variables than the new environment has; leave it out.";
    problems.push(describeInvalid("input.allowedEnvs", message));
  }
  if (removeKeys && removeKeys.length > 0) {
    const kept = new Set(keys);
    if (keys === null) {
      const message = env
        ? "The keys of a sealed environment are known only if env.encrypted.keys names them."
        : "Only with a new environment: send env as well.";
      problems.push(describeInvalid("input.removeKeys", message));
    }
    for (const [index, key] of removeKeys.entries()) {
      if (!kept.has(key)) continue;
      problems.push(describeInvalid(`input.removeKeys.${index}`, "The new environment has this key."));
    }
  }
  return problems;
}

/** Finds what is wrong with a new environment, its list of keys and `removeKeys`, without a call. */
export function findEnvInputProblems(change: EnvChangeInput, allowPlaintext: boolean): InputProblem[] {
  const { env } = change;
  return [
    ...(env?.encrypted ? findSealedProblems(env.encrypted, "input.env.encrypted") : []),
    ...(env?.plain ? findPlainProblems(env.plain, allowPlaintext) : []),
    ...findListProblems(change),
  ];
}

/** The keys that the CVM allows now, and that the new environment lacks without saying so. */
function listLostKeys(change: EnvChangeInput, allowedNow: readonly string[]): string[] {
  const keys = listNewKeys(change);
  if (keys === null) return [];
  const meant = new Set([...keys, ...(change.removeKeys ?? [])]);
  return allowedNow.filter((key) => !meant.has(key));
}

/** The problem of a new environment that lacks keys. Keys are names, so they are told. */
export function findLostKeyProblems(change: EnvChangeInput, allowedNow: readonly string[]): InputProblem[] {
  const lost = listLostKeys(change, allowedNow);
  if (lost.length === 0) return [];
  const message = `An update replaces the whole environment, and these keys that the CVM allows now are not in it: ${lost.join(", ")}. Add them, or name them in removeKeys.`;
  return [{ code: "ENV_KEYS_LOST", path: "input.removeKeys", message }];
}
