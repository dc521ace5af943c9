import { bytesToHex } from "@noble/hashes/utils.js";
import { parse } from "yaml";
import { z } from "zod";
import { hashAppCompose, serializeAppCompose } from "../../src/crypto/compose-hash.ts";
import { ApiError, plainError, validationError } from "../http/api-error.ts";

/** `docker_compose_file` and `pre_launch_script` together, UTF-8 bytes. */
const MAX_PAYLOAD_BYTES = 200 * 1024;

/** An app-compose as clients send it. Keys that are not named here are kept. */
export const appComposeSchema = z.looseObject({
  name: z.string(),
  docker_compose_file: z.string().nullish(),
  pre_launch_script: z.string().nullish(),
  init_script: z.string().nullish(),
  bash_script: z.string().nullish(),
  allowed_envs: z.array(z.string()).default([]),
  manifest_version: z.int().default(2),
  runner: z.string().default("docker-compose"),
  features: z.array(z.string()).default(() => ["kms", "tproxy-net"]),
  kms_enabled: z.boolean().default(true),
  gateway_enabled: z.boolean().default(true),
  tproxy_enabled: z.boolean().default(true),
  local_key_provider_enabled: z.boolean().default(false),
  no_instance_id: z.boolean().default(false),
  secure_time: z.boolean().default(false),
  public_logs: z.boolean().default(true),
  public_sysinfo: z.boolean().default(true),
  public_tcbinfo: z.boolean().default(true),
  storage_fs: z
    .enum(["ext4", "zfs"])
    .nullish()
    .transform((fs) => fs ?? "zfs"),
  default_gateway_domain: z.string().nullish(),
  salt: z.string().nullish(),
});

/** An app-compose with every default filled in. */
export type AppCompose = z.output<typeof appComposeSchema>;

/** An app-compose with the very text that was hashed: the text is what counts, a re-serialised object may differ. */
export type StoredCompose = {
  readonly json: AppCompose;
  readonly text: string;
  /** SHA-256 of the text, 64 hex digits. */
  readonly hash: string;
};

/** Serialises and hashes an app-compose. Keys with the value null are left out. */
export function storeCompose(compose: AppCompose): StoredCompose {
  const known = Object.fromEntries(Object.entries(compose).filter(([, value]) => value != null));
  const text = serializeAppCompose(known);
  const json = appComposeSchema.parse(JSON.parse(text));
  return { json, text, hash: hashText(text) };
}

/** SHA-256 of a text's UTF-8 bytes, 64 hex digits. */
export function hashText(text: string): string {
  return bytesToHex(hashAppCompose(text));
}

/**
 * Checks what can be checked before the guest sees it.
 *
 * @param field - the body's field, or null when the body is the YAML itself
 * @throws ApiError 422 for text that is no Compose file, or too much text
 */
export function checkComposeText(
  compose: Pick<AppCompose, "docker_compose_file" | "pre_launch_script">,
): void {
  const size = byteLength(compose.docker_compose_file) + byteLength(compose.pre_launch_script);
  if (size > MAX_PAYLOAD_BYTES) {
    throw validationError([
      {
        loc: ["body", "docker_compose_file"],
        msg: `Value error, docker_compose_file and pre_launch_script must not exceed ${MAX_PAYLOAD_BYTES} bytes together`,
        type: "value_error",
      },
    ]);
  }
  if (compose.docker_compose_file != null) checkYaml(compose.docker_compose_file);
}

function checkYaml(text: string): void {
  try {
    const document: unknown = parse(text, { logLevel: "error", maxAliasCount: 100 });
    const services = z.looseObject({ services: z.record(z.string(), z.unknown()) }).safeParse(document);
    if (!services.success) throw plainError(422, "Invalid docker compose file: 'services' must be a mapping");
  } catch (error) {
    if (error instanceof ApiError) throw error;
    const reason = error instanceof Error ? error.message.split("\n", 1)[0] : "not YAML";
    throw plainError(422, `Invalid docker compose file: ${reason}`);
  }
}

function byteLength(text: string | null | undefined): number {
  return text == null ? 0 : Buffer.byteLength(text);
}
