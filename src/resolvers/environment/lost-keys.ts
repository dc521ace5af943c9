import type { Context } from "../../context.ts";
import { isEnvKey } from "../../crypto/env-rules.ts";
import { listAllowedKeys } from "../../upstream/configuration/compose-file.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import type { InputProblem } from "../write/input-problem.ts";
import { type EnvironmentChange, listNewKeys } from "./environment-change.ts";

/**
 * Find names that the CVM allows now and that a new environment would lose without listing them in
 * `removeKeys`. Costs one upstream call if the names of the new environment are known.
 */
export async function findLostKeyProblems(
  ctx: Context,
  ref: CvmRef,
  change: EnvironmentChange,
): Promise<InputProblem[]> {
  const keys = listNewKeys(change);
  if (keys === null) return [];
  return findLostKeys(keys, change.removeKeys, await fetchAllowedKeys(ctx, ref), "the environment");
}

/** Fetch the names that the CVM allows now. Without them nothing is sent: an update could lose some. */
export async function fetchAllowedKeys(ctx: Context, ref: CvmRef): Promise<readonly string[]> {
  return listAllowedKeys(await ctx.loaders.composeFile(ref));
}

/**
 * Find names that the CVM allows now and that a new list drops without listing them in `removeKeys`. Names are
 * no secrets, so the message lists them. `removeKeys` may have any name that the CVM allows now, also one that
 * breaks the rules of the guest. Another one that breaks them may be a value.
 *
 * @param place - where to add the names, for the message
 */
export function findLostKeys(
  keys: readonly string[],
  removeKeys: readonly string[] = [],
  present: readonly string[],
  place: string,
): InputProblem[] {
  const intended = new Set([...keys, ...removeKeys]);
  const allowed = new Set(present);
  const lost = present.filter((key) => !intended.has(key));
  const strays = removeKeys.flatMap((key, index): InputProblem[] => {
    if (allowed.has(key) || isEnvKey(key)) return [];
    const path = `input.removeKeys.${index}`;
    return [{ code: "ENV_INVALID", path, message: "The CVM does not allow a variable of this name now." }];
  });
  if (lost.length === 0) return strays;
  const message = `An update replaces the whole environment, and these names that the CVM allows now are missing: ${lost.join(", ")}. Add them to ${place}, or list them in removeKeys.`;
  return [...strays, { code: "ENV_KEYS_LOST", path: "input.removeKeys", message }];
}
