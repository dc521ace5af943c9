import { MIN_SEALED_BYTES } from "../crypto/env-encryption.ts";
import { createInputError, type FieldProblem } from "../errors.ts";
import type { CvmPatch } from "../upstream/cvm-patch.ts";

/** The input of `configureCvm`; null stands for "not given". */
export type ConfigureCvmInput = {
  readonly id: string;
  readonly dockerComposeFile?: string | null | undefined;
  readonly preLaunchScript?: string | null | undefined;
  readonly allowedEnvs?: readonly string[] | null | undefined;
  readonly env?: EnvInput | null | undefined;
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

/** An environment that the client has sealed. */
export type EnvInput = {
  readonly encrypted?:
    | { readonly encryptedEnv: string; readonly keys?: readonly string[] | null | undefined }
    | null
    | undefined;
};

/** What the compose file and the script may have together, in UTF-8 bytes. */
const MAX_COMPOSE_BYTES = 200 * 1024;
const ENV_KEY = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const MAX_ENV_KEY_LENGTH = 255;

type Check = (input: ConfigureCvmInput) => FieldProblem[];

function checkText(path: "dockerComposeFile" | "image" | "userConfig"): Check {
  return (input) =>
    input[path]?.trim() === "" ? [{ path: `input.${path}`, message: "Must not be empty." }] : [];
}

function checkRange(
  path: "vcpu" | "memoryMb" | "diskSizeGb" | "shutdownTimeoutSeconds",
  min: number,
  max: number,
): Check {
  return (input) => {
    const value = input[path];
    const outside = value !== null && value !== undefined && (value < min || value > max);
    return outside ? [{ path: `input.${path}`, message: `Expected ${min} to ${max}.` }] : [];
  };
}

const checkSize: Check = ({ dockerComposeFile, preLaunchScript }) => {
  const bytes = Buffer.byteLength(dockerComposeFile ?? "") + Buffer.byteLength(preLaunchScript ?? "");
  if (bytes <= MAX_COMPOSE_BYTES) return [];
  const path = dockerComposeFile ? "input.dockerComposeFile" : "input.preLaunchScript";
  return [
    {
      path,
      message: `The Docker Compose file and the pre-launch script have ${bytes} bytes together; ${MAX_COMPOSE_BYTES} are allowed.`,
    },
  ];
};

/** Checks names of environment variables by the guest's rules. */
export function checkKeys(keys: readonly string[] | null | undefined, path: string): FieldProblem[] {
  const seen = new Set<string>();
  return (keys ?? []).flatMap((key, index) => {
    const wrong = !ENV_KEY.test(key) || key.length > MAX_ENV_KEY_LENGTH;
    const message = wrong
      ? `Expected the name of an environment variable: letters, digits and _, not starting with a digit, at most ${MAX_ENV_KEY_LENGTH}.`
      : seen.has(key)
        ? "The name stands twice."
        : null;
    seen.add(key);
    return message === null ? [] : [{ path: `${path}.${index}`, message }];
  });
}

const checkSealedEnv: Check = ({ env, allowedEnvs }) => {
  if (!env?.encrypted) return [];
  const { encryptedEnv, keys } = env.encrypted;
  const problems = checkKeys(keys, "input.env.encrypted.keys");
  if (encryptedEnv.length < MIN_SEALED_BYTES * 2 || encryptedEnv.length % 2 !== 0) {
    const message = `Expected at least ${MIN_SEALED_BYTES} bytes in hex: ephemeral key, nonce, ciphertext and tag.`;
    problems.push({ path: "input.env.encrypted.encryptedEnv", message });
  }
  if (keys && allowedEnvs && [...keys].sort().join() !== [...allowedEnvs].sort().join()) {
    const message = "Names other variables than env.encrypted.keys; give one of the two.";
    problems.push({ path: "input.allowedEnvs", message });
  }
  return problems;
};

const checks: readonly Check[] = [
  checkText("dockerComposeFile"),
  checkText("image"),
  checkText("userConfig"),
  checkRange("vcpu", 1, 1_024),
  checkRange("memoryMb", 1, 16 * 1024 * 1024),
  checkRange("diskSizeGb", 1, 1024 * 1024),
  checkRange("shutdownTimeoutSeconds", 10, 1_200),
  checkSize,
  (input) => checkKeys(input.allowedEnvs, "input.allowedEnvs"),
  checkSealedEnv,
];

function withoutAbsent(
  wire: { readonly [Key in keyof CvmPatch]: CvmPatch[Key] | null | undefined },
): CvmPatch {
  return Object.fromEntries(
    Object.entries(wire).filter(([, value]) => value !== null && value !== undefined),
  );
}

function toPatch(input: ConfigureCvmInput): CvmPatch {
  return withoutAbsent({
    docker_compose_file: input.dockerComposeFile,
    pre_launch_script: input.preLaunchScript,
    allowed_envs: input.env?.encrypted?.keys ?? input.allowedEnvs,
    encrypted_env: input.env?.encrypted?.encryptedEnv,
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

/**
 * Checks the input of `configureCvm` as far as it can be checked without a call, and makes the patch of
 * exactly the fields that were given.
 *
 * @throws {GatewayError} `BAD_USER_INPUT` with every problem that it found.
 */
export function readPatch(input: ConfigureCvmInput): CvmPatch {
  const problems = checks.flatMap((check) => check(input));
  const patch = toPatch(input);
  if (Object.keys(patch).length === 0) {
    problems.push({ path: "input", message: "Names no change: give at least one setting." });
  }
  if (problems.length > 0) throw createInputError(problems);
  return patch;
}
