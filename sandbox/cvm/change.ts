import { z } from "zod";
import { findInstanceType, nameInstanceType } from "../catalog/instance-types.ts";
import { findImageFor } from "../catalog/os-images.ts";
import { fieldError, plainError } from "../http/api-error.ts";
import { type AppCompose, checkComposeText, storeCompose } from "./app-compose.ts";
import { type StoredEnv, storeEnv } from "./guest-env.ts";
import type { Cvm, CvmConfig, PendingChange } from "./types.ts";

/** A validated configuration change that is not accepted yet. */
export type Change = Omit<PendingChange, "createdAt"> & {
  /** False when the CVM has this configuration already, so that nothing restarts. */
  readonly hasEffect: boolean;
  /** Whether the compose hash changes, so that the app contract must allow the new one. */
  readonly changesHash: boolean;
};

/** An encrypted environment from a client. Only the guest checks that it can be decrypted. */
export const encryptedEnvSchema = z
  .string()
  .regex(/^(?:0x)?(?:[0-9a-f]{2})+$/i, "Value error, must be a hex string");

/** Fields of `PATCH /cvms/{id}` that are part of the app-compose. Null means not given. */
const composeShape = {
  docker_compose_file: z.string().nullish(),
  pre_launch_script: z.string().nullish(),
  allowed_envs: z.array(z.string()).nullish(),
  public_logs: z.boolean().nullish(),
  public_sysinfo: z.boolean().nullish(),
  public_tcbinfo: z.boolean().nullish(),
};

/** GPUs as a list of slots or as a count. The sources disagree, so both forms are accepted. */
const gpusSchema = z.union([
  z.looseObject({ count: z.int().min(0).max(16), product_name: z.string().nullish() }),
  z.looseObject({
    gpus: z.array(z.looseObject({ slot: z.string() })).max(16),
    attach_mode: z.string().nullish(),
  }),
]);

/** Body of `PATCH /cvms/{id}`. Unknown fields are ignored. */
export const patchSchema = z.looseObject({
  ...composeShape,
  encrypted_env: encryptedEnvSchema.nullish(),
  user_config: z.string().nullish(),
  gpus: gpusSchema.nullish(),
  vcpu: z.int().min(1).max(256).nullish(),
  memory: z.int().min(512).nullish(),
  disk_size: z.int().min(1).max(10_240).nullish(),
  instance_type: z.string().nullish(),
  image: z.string().min(1).nullish(),
  shutdown_timeout: z.int().min(10).max(1_200).nullish(),
  allow_force_stop: z.boolean().nullish(),
});

/** Parsed body of `PATCH /cvms/{id}`. */
export type Patch = Partial<z.output<typeof patchSchema>>;

/**
 * Validate a patch against the present configuration of the CVM.
 *
 * @throws ApiError 422 for a text that is not a compose file; 400 for a disk that would shrink, and for an image
 *   or an instance type that the CVM cannot use
 */
export function buildChange(cvm: Cvm, patch: Patch): Change {
  const { json, form } = cvm.config.compose;
  const compose = storeCompose({ ...json, ...pickComposeFields(patch) }, form);
  if (patch.docker_compose_file != null || patch.pre_launch_script != null) checkComposeText(compose.json);
  return completeChange(cvm, compose, patch);
}

/** Validate a change as {@link buildChange} does, with a whole app-compose instead of single fields. */
export function buildComposeChange(cvm: Cvm, compose: AppCompose, patch: Patch): Change {
  checkComposeText(compose);
  return completeChange(cvm, storeCompose(compose, cvm.config.compose.form), patch);
}

function completeChange(cvm: Cvm, compose: PendingChange["compose"], patch: Patch): Change {
  const env = patch.encrypted_env == null ? null : storeEnv(patch.encrypted_env, cvm.envPrivateKey);
  const rest = pickResources(cvm, patch);
  const { config } = cvm;
  const differs =
    JSON.stringify({ ...omitComposeAndEnv(config), ...rest }) !== JSON.stringify(omitComposeAndEnv(config));
  const changesHash = compose.hash !== config.compose.hash;
  return {
    operationType: changesHash ? "compose_update" : env !== null ? "env_update" : "config_update",
    compose,
    apply: (current) => ({ ...current, ...rest, compose, env: env ?? current.env }),
    // Every encryption of an environment differs, so a new one always counts as a change.
    hasEffect: changesHash || env !== null || differs,
    changesHash,
  };
}

/** Build the change back to a revision: its compose file, its encrypted environment and its user config. */
export function buildRevisionChange(cvm: Cvm, config: CvmConfig): Change {
  const env: StoredEnv = config.env;
  return {
    operationType: "redeploy",
    compose: config.compose,
    apply: (current) => ({ ...current, compose: config.compose, env, userConfig: config.userConfig }),
    hasEffect: true,
    changesHash: config.compose.hash !== cvm.config.compose.hash,
  };
}

function pickComposeFields(patch: Patch): Partial<AppCompose> {
  const fields: Partial<AppCompose> = {};
  if (patch.docker_compose_file != null) fields.docker_compose_file = patch.docker_compose_file;
  if (patch.pre_launch_script != null) fields.pre_launch_script = patch.pre_launch_script;
  if (patch.allowed_envs != null) fields.allowed_envs = patch.allowed_envs;
  if (patch.public_logs != null) fields.public_logs = patch.public_logs;
  if (patch.public_sysinfo != null) fields.public_sysinfo = patch.public_sysinfo;
  if (patch.public_tcbinfo != null) fields.public_tcbinfo = patch.public_tcbinfo;
  return fields;
}

/** Return the part of a configuration that can be compared field by field. */
function omitComposeAndEnv({
  compose: _compose,
  env: _env,
  ...rest
}: CvmConfig): Omit<CvmConfig, "compose" | "env"> {
  return rest;
}

/** @throws ApiError 400 */
function pickResources(cvm: Cvm, patch: Patch): Omit<CvmConfig, "compose" | "env"> {
  const { config } = cvm;
  const type = pickInstanceType(patch);
  const vcpu = type?.vcpu ?? patch.vcpu ?? config.vcpu;
  const memoryMb = type?.memory_mb ?? patch.memory ?? config.memoryMb;
  const resized = vcpu !== config.vcpu || memoryMb !== config.memoryMb;
  return {
    ...omitComposeAndEnv(config),
    vcpu,
    memoryMb,
    diskGb: pickDisk(cvm, patch),
    gpuCount: pickGpuCount(patch) ?? config.gpuCount,
    instanceType: resized ? nameInstanceType(vcpu, memoryMb) : config.instanceType,
    image: pickImage(cvm, patch),
    userConfig: patch.user_config ?? config.userConfig,
  };
}

function pickInstanceType(patch: Patch) {
  if (patch.instance_type == null) return undefined;
  const type = findInstanceType(patch.instance_type);
  if (type === undefined) {
    throw fieldError(
      400,
      "ERR-02-001",
      "instance_type",
      "Instance type not found. GET /instance-types lists the instance types.",
    );
  }
  return type;
}

function pickDisk(cvm: Cvm, patch: Patch): number {
  const diskGb = patch.disk_size ?? cvm.config.diskGb;
  if (diskGb < cvm.config.diskGb) {
    throw fieldError(
      400,
      "ERR-02-008",
      "disk_size",
      `The disk can only grow. It has ${cvm.config.diskGb} GB.`,
    );
  }
  return diskGb;
}

function pickGpuCount(patch: Patch): number | undefined {
  const { gpus } = patch;
  if (gpus == null) return undefined;
  const slots = z.object({ gpus: z.array(z.unknown()) }).safeParse(gpus);
  if (slots.success) return slots.data.gpus.length;
  const counted = z.object({ count: z.int() }).safeParse(gpus);
  if (counted.success) return counted.data.count;
  throw plainError(400, "gpus must be a count or a list of slots.");
}

function pickImage(cvm: Cvm, patch: Patch): CvmConfig["image"] {
  if (patch.image == null) return cvm.config.image;
  const image = findImageFor(patch.image, cvm.config.gpuCount > 0);
  if (image === undefined || !image.enabled) {
    throw fieldError(
      400,
      "ERR-02-010",
      "image",
      "The OS image is not available for this CVM. GET /cvms/{id}/available-os-images lists those that are.",
    );
  }
  return image;
}
