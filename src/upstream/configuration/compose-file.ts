import { z } from "zod";
import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import { MAX_INT } from "../../limits.ts";
import type { CvmRef } from "../cvm-ref.ts";
import { kmsNodeWire } from "../resources/kms.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { wireHex, wireOptionalHex } from "../transport/wire-scalars.ts";
import { wireList, wireOptional } from "../transport/wire-tolerance.ts";
import { ACCEPTED_STATUSES, type InProgress, parseInProgress } from "./in-progress.ts";
import { cvmSettings, measuredSettingNames } from "./settings.ts";

const flag = wireOptional(z.boolean());
const text = wireOptional(z.string());

/** Version 3 is a text, earlier ones are numbers. */
const manifestVersion = z.union([
  z.int().max(MAX_INT),
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
]);

const settings = z.object({
  docker_compose_file: text,
  pre_launch_script: text,
  allowed_envs: wireOptional(wireList(z.string())),
  features: wireOptional(wireList(z.string())),
  runner: text,
  manifest_version: wireOptional(manifestVersion),
  kms_enabled: flag,
  gateway_enabled: flag,
  public_logs: flag,
  public_sysinfo: flag,
  public_tcbinfo: flag,
  storage_fs: text,
});

/** The members exactly as the REST API sent them, and the settings that were parsed from them. */
const appCompose = z
  .record(z.string(), z.unknown())
  .transform((json) => ({ json, settings: settings.parse(json) }));

/** The app-compose of a CVM. `json` has exactly the members that the REST API sent. */
export type AppCompose = z.output<typeof appCompose> & {
  /** The app-compose as JSON text, byte for byte as it arrived. */
  readonly source: string;
  /** Whether `source` is the raw text. Otherwise the REST API sent an object, which it may have re-serialized. */
  readonly isRaw: boolean;
};

/**
 * List the names of the environment variables that a CVM allows now.
 *
 * @throws {GatewayError} `UPSTREAM_MALFORMED` if they cannot be read: an update could then lose a variable
 */
export function listAllowedKeys({ json, settings }: AppCompose): readonly string[] {
  const given = json[cvmSettings.allowedEnvs.wire] ?? [];
  if (Array.isArray(given)) return settings.allowed_envs ?? [];
  throw new GatewayError("UPSTREAM_MALFORMED", errorMessages.allowedKeysUnreadable);
}

/**
 * `GET /cvms/{id}/compose_file?raw=true`. The raw text arrives as plain text or as a JSON string. A REST API
 * that does not know `raw` answers the object.
 */
export async function fetchComposeFile(upstream: Upstream, ref: CvmRef): Promise<AppCompose> {
  const reply = await upstream.send({
    method: "GET",
    path: ["cvms", ref, "compose_file"],
    query: { raw: "true" },
    accept: [200],
    effect: "read",
  });
  const quoted = z.string().safeParse(decodeJson(reply, z.unknown(), reply.body));
  const source = quoted.data ?? reply.body;
  const isRaw = quoted.success || !/\bjson\b/i.test(reply.contentType);
  return { ...decodeJson(reply, appCompose, source), source, isRaw };
}

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

/** An app-compose that the REST API keeps under its hash for 14 days. */
export type ComposeFileProvision = z.output<typeof provisionWire>;

/** Settings that an error names are members of `appCompose` in the GraphQL input. */
const inputPaths = Object.fromEntries(
  measuredSettingNames.map((name) => [cvmSettings[name].wire, `appCompose.${name}`]),
);

/** The whole app-compose, and `update_env_vars` if it is given. */
export type ProvisionBody = {
  readonly json: Readonly<Record<string, unknown>>;
  /** The same as text, with the bytes of unchanged members. Null if it cannot be written exactly. */
  readonly text: string | null;
};

/**
 * `POST /cvms/{id}/compose_file/provision`. The body is the whole app-compose: a missing member is reset to
 * the REST API's default, not to what the CVM has.
 */
export async function provisionComposeFile(
  upstream: Upstream,
  ref: CvmRef,
  { json, text: jsonText }: ProvisionBody,
): Promise<ComposeFileProvision> {
  const reply = await upstream.send({
    method: "POST",
    path: ["cvms", ref, "compose_file", "provision"],
    body: { json, ...(jsonText === null ? {} : { jsonText }) },
    accept: [200],
    effect: "write",
    inputPaths,
  });
  return decodeJson(reply, provisionWire);
}

/** Body of a commit. `env_keys` take effect only if `update_env_vars` is true. */
export type ComposeFileCommit = {
  readonly compose_hash: string;
  readonly encrypted_env?: string;
  readonly env_keys?: readonly string[];
  readonly update_env_vars?: boolean;
};

/** `PATCH /cvms/{id}/compose_file`: apply a provisioned app-compose. The answer is undocumented. */
export async function commitComposeFile(
  upstream: Upstream,
  ref: CvmRef,
  commit: ComposeFileCommit,
): Promise<InProgress> {
  const reply = await upstream.send({
    method: "PATCH",
    path: ["cvms", ref, "compose_file"],
    body: { json: commit },
    accept: ACCEPTED_STATUSES,
    effect: "write",
  });
  return parseInProgress(reply);
}
