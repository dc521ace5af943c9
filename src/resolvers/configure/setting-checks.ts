import type { Context } from "../../context.ts";
import { settingRanges } from "../../limits.ts";
import type { ConfigureCvmInput } from "../../schema/input/configure-cvm.ts";
import {
  type SettingName,
  settingNames,
  transientSettingNames,
} from "../../upstream/configuration/settings.ts";
import { findTextProblems } from "../compose/compose-text.ts";
import { findEnvironmentProblems } from "../environment/environment-change.ts";
import { describeInvalid, type InputProblem } from "../write/input-problem.ts";

/** Find what is wrong with the input of `configureCvm` itself. Makes no call. */
export async function findConfigureProblems(ctx: Context, input: ConfigureCvmInput): Promise<InputProblem[]> {
  return [
    ...findNameProblems("input.image", input.image),
    ...findNameProblems("input.instanceType", input.instanceType),
    ...findNameProblems("input.userConfig", input.userConfig),
    ...findRangeProblems(input),
    ...(await findTextProblems(
      ctx,
      { path: "input.dockerComposeFile", text: input.dockerComposeFile },
      { path: "input.preLaunchScript", text: input.preLaunchScript },
    )),
    ...findEnvironmentProblems(input, ctx.envPolicy.allowPlaintext),
    ...findEmptyChange(input, settingNames),
  ];
}

/** Find a text that is given and empty, or that UTF-8 cannot encode. */
export function findNameProblems(path: string, text: string | undefined): InputProblem[] {
  if (text?.trim() === "") return [describeInvalid(path, "It must not be empty.")];
  if (text?.isWellFormed() !== false) return [];
  return [describeInvalid(path, "It has a lone surrogate, which UTF-8 cannot encode.")];
}

/** Find a change that gives none of these settings. */
export function findEmptyChange(
  input: { readonly [Name in SettingName]?: unknown },
  names: readonly SettingName[],
): InputProblem[] {
  if (names.some((name) => input[name] !== undefined)) return [];
  return [describeInvalid("input", "It changes nothing. Give at least one setting.")];
}

/** Message for a change that gives only settings that say how a change is applied. */
export const APPLIES_NOTHING =
  "shutdownTimeoutSeconds and allowForceStop say how the other settings are applied. By themselves they change nothing.";

/** Whether a change gives only settings that say how a change is applied. */
export function appliesNothing(input: { readonly [Name in SettingName]?: unknown }): boolean {
  const given = settingNames.filter((name) => input[name] !== undefined);
  return given.length > 0 && given.every((name) => transientSettingNames.has(name));
}

/** Find numbers that are not whole or outside their range. Some inputs have Float fields for them. */
export function findRangeProblems(
  input: {
    readonly [Name in keyof typeof settingRanges]?: number | undefined;
  },
): InputProblem[] {
  const { vcpu, memoryMb, diskSizeGb, shutdownTimeoutSeconds } = input;
  const given = new Map(Object.entries({ vcpu, memoryMb, diskSizeGb, shutdownTimeoutSeconds }));
  return Object.entries(settingRanges).flatMap(([name, { min, max }]) => {
    const value = given.get(name);
    if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return [];
    return [describeInvalid(`input.${name}`, `Expected a whole number from ${min} to ${max}.`)];
  });
}
