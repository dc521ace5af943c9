import { z } from "zod";
import type { CvmRef } from "../cvm-ref.ts";
import { kmsNodeWire } from "../resources/kms.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { wireHex, wireOptional, wireOptionalHex } from "../transport/wire-scalars.ts";
import { type AcceptedUpdate, parseAcceptedUpdate, TAKEN_STATUSES } from "./write-outcome.ts";

const provisionWire = z
  .object({
    app_id: wireOptionalHex,
    device_id: wireOptionalHex,
    compose_hash: wireHex.pipe(z.string().regex(/^[0-9a-f]{64}$/)),
    kms_info: wireOptional(kmsNodeWire),
    compose_hash_registered: wireOptional(z.boolean()),
    compose_unchanged: wireOptional(z.boolean()),
  })
  .transform((wire) => ({
    appId: wire.app_id,
    deviceId: wire.device_id,
    composeHash: wire.compose_hash,
    kms: wire.kms_info,
    composeHashRegistered: wire.compose_hash_registered ?? false,
    composeUnchanged: wire.compose_unchanged ?? false,
  }));

/** An app-compose that the REST API keeps for seven days under its hash. */
export type ComposeFileProvision = z.output<typeof provisionWire>;

/** Where the settings of an app-compose stand in the GraphQL input. */
const inputPaths = {
  docker_compose_file: "appCompose.dockerComposeFile",
  pre_launch_script: "appCompose.preLaunchScript",
  name: "appCompose.name",
  allowed_envs: "appCompose.allowedEnvs",
  features: "appCompose.features",
  public_logs: "appCompose.publicLogs",
  public_sysinfo: "appCompose.publicSysinfo",
  public_tcbinfo: "appCompose.publicTcbinfo",
  kms_enabled: "appCompose.kmsEnabled",
  gateway_enabled: "appCompose.gatewayEnabled",
  storage_fs: "appCompose.storageFs",
};

/**
 * `POST /cvms/{id}/compose_file/provision`. The body is the whole app-compose at its top level: what is
 * missing in it falls back to the REST API's default and not to what the CVM has.
 */
export async function provisionComposeFile(
  upstream: Upstream,
  ref: CvmRef,
  appCompose: Readonly<Record<string, unknown>>,
  updateEnvVars: boolean | null,
): Promise<ComposeFileProvision> {
  const reply = await upstream.send({
    method: "POST",
    path: ["cvms", ref, "compose_file", "provision"],
    body: { json: { ...appCompose, ...(updateEnvVars === null ? {} : { update_env_vars: updateEnvVars }) } },
    accept: [200],
    effect: "write",
    inputPaths,
  });
  return decodeJson(reply, provisionWire);
}

/** The body of the commit. `update_env_vars` must be true for the list of keys to count. */
export type ComposeFileCommit = {
  readonly compose_hash: string;
  readonly encrypted_env?: string;
  readonly env_keys?: readonly string[];
  readonly update_env_vars?: boolean;
};

/** `PATCH /cvms/{id}/compose_file`: applies a provisioned app-compose. Its answer has no documented form. */
export async function commitComposeFile(
  upstream: Upstream,
  ref: CvmRef,
  commit: ComposeFileCommit,
): Promise<AcceptedUpdate> {
  const reply = await upstream.send({
    method: "PATCH",
    path: ["cvms", ref, "compose_file"],
    body: { json: commit },
    accept: TAKEN_STATUSES,
    effect: "write",
  });
  return parseAcceptedUpdate(reply);
}
