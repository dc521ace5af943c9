import type { ConfigureInput } from "@cvm-gateway/client";
import { checkKey, listEnvironmentProblems, type SealingKey, sealVariables } from "../environment/seal.ts";
import { type EnvironmentEffect, readEffect } from "../environment/variables.ts";
import type { DraftSettings } from "./draft.ts";

/** Settings of the environment in the form of the API. */
type EnvironmentInput = Pick<ConfigureInput, "allowedEnvs" | "removeKeys"> & {
  readonly env?: { readonly encrypted: { readonly encryptedEnv: string; readonly keys: readonly string[] } };
};

/** Change in the form of the API. Its environment is sealed. */
export type ChangeInput = Omit<ConfigureInput, "env"> & EnvironmentInput;

/** The change cannot be made into an input: something has to be corrected first. */
export class DraftError extends Error {
  override readonly name = "DraftError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join(" "));
    this.problems = problems;
  }
}

async function sealEffect(
  effect: Extract<EnvironmentEffect, { kind: "values" }>,
  key: SealingKey | null,
  trustedRootKeys: readonly string[],
  trustsUnsignedKey: boolean,
): Promise<EnvironmentInput> {
  const problems = await listEnvironmentProblems(effect);
  if (problems.length > 0) throw new DraftError(problems);
  if (key === null)
    throw new DraftError(["The CVM has no key to seal its environment to yet. Try again later."]);
  const trust = await checkKey(key, trustedRootKeys);
  if (trust.kind === "wrong") {
    throw new DraftError([`The key of this CVM is not genuine (${trust.reason}). Nothing was sealed.`]);
  }
  if (trust.kind === "unsigned" && !trustsUnsignedKey) {
    throw new DraftError([
      `${trust.reason} Confirm on the environment tab that you seal to it all the same.`,
    ]);
  }
  const env = await sealVariables(effect.variables, key.publicKey);
  return { env, ...(effect.removeKeys.length > 0 && { removeKeys: effect.removeKeys }) };
}

/**
 * Make the input of a change from a draft. The values of the environment are sealed here, in the browser.
 *
 * @throws {DraftError} if the draft has to be corrected first
 */
export async function createChangeInput(
  cvmId: string,
  { environment, ...settings }: DraftSettings,
  key: SealingKey | null,
  trustedRootKeys: readonly string[],
): Promise<ChangeInput> {
  if (environment === undefined) return { id: cvmId, ...settings };
  const effect = readEffect(environment);
  const input =
    effect.kind === "names"
      ? { allowedEnvs: effect.allowedEnvs }
      : await sealEffect(effect, key, trustedRootKeys, environment.trustsUnsignedKey);
  return { id: cvmId, ...settings, ...input };
}
