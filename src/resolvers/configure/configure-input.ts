import type { CvmPatch } from "../../upstream/configuration/cvm-patch.ts";
import type { SealedEnv } from "../../upstream/configuration/envs.ts";
import { findComposeProblems, findSizeProblems } from "../compose/compose-document.ts";
import { type EnvInput, findEnvInputProblems } from "../environment/env-input.ts";
import { describeInvalid, type InputProblem } from "../write/input-problem.ts";

/** The input of `configureCvm`; null stands for "not given". */
export type ConfigureCvmInput = {
  readonly id: string;
  readonly dockerComposeFile?: string | null | undefined;
  readonly preLaunchScript?: string | null | undefined;
  readonly allowedEnvs?: readonly string[] | null | undefined;
  readonly env?: EnvInput | null | undefined;
  readonly removeKeys?: readonly string[] | null | undefined;
  readonly publicLogs?: boolean | null | undefined;
  readonly publicSysinfo?: boolean | null | undefined;
  readonly publicTcbinfo?: boolean | null | undefined;
  readonly vcpu?: number | null | undefined;
  readonly memoryMb?: number | null | undefined;
  readonly diskSizeGb?: number | null | undefined;
  readonly image?: string | null | undefined;
  readonly userConfig?: string | null | undefined;
  readonly shutdownTimeoutSeconds?: number | null | undefined;
  readonly allowForceStop?: boolean | null | undefined;
  readonly prepareOnly?: boolean | null | undefined;
};

/** What is checked of an input without a call. */
type Check = (input: ConfigureCvmInput) => readonly InputProblem[];

function checkText(path: "image" | "userConfig"): Check {
  return (input) => {
    if (input[path]?.trim() === "") return [describeInvalid(`input.${path}`, "Must not be empty.")];
    const broken = input[path]?.isWellFormed() === false;
    return broken ? [describeInvalid(`input.${path}`, "Has a lone surrogate, which has no UTF-8 form.")] : [];
  };
}

function checkRange(
  path: "vcpu" | "memoryMb" | "diskSizeGb" | "shutdownTimeoutSeconds",
  min: number,
  max: number,
): Check {
  return (input) => {
    const value = input[path];
    const outside = value !== null && value !== undefined && (value < min || value > max);
    return outside ? [describeInvalid(`input.${path}`, `Expected ${min} to ${max}.`)] : [];
  };
}

const checkCompose: Check = ({ dockerComposeFile: compose, preLaunchScript: script }) => {
  const path = "input.dockerComposeFile";
  const size = findSizeProblems(path, compose, "input.preLaunchScript", script);
  return [...size, ...(compose === null || compose === undefined ? [] : findComposeProblems(compose, path))];
};

const checks: readonly Check[] = [
  checkText("image"),
  checkText("userConfig"),
  checkRange("vcpu", 1, 1_024),
  checkRange("memoryMb", 1, 16 * 1024 * 1024),
  checkRange("diskSizeGb", 1, 1024 * 1024),
  checkRange("shutdownTimeoutSeconds", 10, 1_200),
  checkCompose,
];

function withoutAbsent(
  wire: { readonly [Key in keyof CvmPatch]: CvmPatch[Key] | null | undefined },
): CvmPatch {
  return Object.fromEntries(
    Object.entries(wire).filter(([, value]) => value !== null && value !== undefined),
  );
}

/**
 * Makes the patch of exactly the fields that were given.
 *
 * @param env - what the environment of the input became
 */
export function toPatch(input: ConfigureCvmInput, env: SealedEnv | null): CvmPatch {
  return withoutAbsent({
    docker_compose_file: input.dockerComposeFile,
    pre_launch_script: input.preLaunchScript,
    allowed_envs: env?.keys ?? input.allowedEnvs,
    encrypted_env: env?.encryptedEnv,
    public_logs: input.publicLogs,
    public_sysinfo: input.publicSysinfo,
    public_tcbinfo: input.publicTcbinfo,
    user_config: input.userConfig,
    vcpu: input.vcpu,
    memory: input.memoryMb,
    disk_size: input.diskSizeGb,
    image: input.image,
    shutdown_timeout: input.shutdownTimeoutSeconds,
    allow_force_stop: input.allowForceStop,
  });
}

/** Finds what is wrong with the input of `configureCvm` as far as it can be seen without a call. */
export function findConfigureProblems(input: ConfigureCvmInput, allowPlaintext: boolean): InputProblem[] {
  const problems = [
    ...checks.flatMap((check) => check(input)),
    ...findEnvInputProblems(input, allowPlaintext),
  ];
  if (!input.env && Object.keys(toPatch(input, null)).length === 0) {
    problems.push(describeInvalid("input", "Names no change: give at least one setting."));
  }
  return problems;
}
