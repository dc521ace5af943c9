import { z } from "zod";
import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import { MAX_INT } from "../../limits.ts";
import type { CvmRef } from "../cvm-ref.ts";
import { kmsNodeWire } from "../resources/kms.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { isObject } from "../transport/wire-form.ts";
import { wireFlag, wireHex, wireOptionalHex, wireText, wireUnknown } from "../transport/wire-scalars.ts";
import { listKnown, wireItems, wireObject, wireOptional, wireValue } from "../transport/wire-tolerance.ts";
import { ACCEPTED_STATUSES, type InProgress, parseInProgress } from "./in-progress.ts";
import { cvmSettings, measuredSettingNames } from "./settings.ts";

/** Version 3 is a text, earlier ones are numbers. */
const manifestVersion = wireOptional(
  z.union([
    z.int().max(MAX_INT),
    z
      .string()
      .regex(/^\d{1,9}$/)
      .transform(Number),
  ]),
);

const settings = wireObject(
  {
    docker_compose_file: wireText,
    pre_launch_script: wireText,
    allowed_envs: wireItems(z.string()).nullish(),
    features: wireItems(z.string()).nullish(),
    runner: wireText,
    manifest_version: wireUnknown,
    kms_enabled: wireFlag,
    gateway_enabled: wireFlag,
    public_logs: wireFlag,
    public_sysinfo: wireFlag,
    public_tcbinfo: wireFlag,
    storage_fs: wireText,
  },
  (wire) => ({
    ...wire,
    allowed_envs: wire.allowed_envs ? listKnown(wire.allowed_envs) : null,
    features: wire.features ? listKnown(wire.features) : null,
    manifest_version: manifestVersion.parse(wire.manifest_version),
  }),
);

/** The members exactly as the REST API sent them, and the settings that were parsed from them. */
const appCompose = wireValue((json) => {
  const parsed = settings.read(json);
  return parsed !== null && isObject(json) ? { json, settings: parsed } : null;
});

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
  const { body } = reply;
  const source = /^\s*"/.test(body) ? decodeJson(reply, z.string(), body) : body;
  const isRaw = source !== body || !/\bjson\b/i.test(reply.contentType);
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
