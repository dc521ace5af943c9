import { bytesToHex } from "@noble/hashes/utils.js";
import { z } from "zod";
import { composeForms, hashAppCompose, serializeAppCompose } from "../../src/crypto/compose-hash.ts";
import { validationError } from "../http/api-error.ts";
import { checkComposeYaml } from "./compose-yaml.ts";

/** `docker_compose_file` and `pre_launch_script` together, UTF-8 bytes. */
const MAX_PAYLOAD_BYTES = 200 * 1024;

/** An app-compose from a client. Unknown keys are kept. */
export const appComposeSchema = z.looseObject({
  name: z.string(),
  docker_compose_file: z.string().nullish(),
  pre_launch_script: z.string().nullish(),
  init_script: z.union([z.string(), z.array(z.string())]).nullish(),
  bash_script: z.string().nullish(),
  allowed_envs: z.array(z.string()).default([]),
  manifest_version: z.union([z.int(), z.literal("3")]).default(2),
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

/** An app-compose with its defaults. */
export type AppCompose = z.output<typeof appComposeSchema>;

/** Form of the stored text: that of 2026, or the indented one of CVMs of 2025. Keys are sorted in both. */
export type StoredForm = "compact" | "indented";

/** An app-compose with the exact text that was hashed. A re-serialized object may have another hash. */
export type StoredCompose = {
  readonly json: AppCompose;
  readonly form: StoredForm;
  readonly text: string;
  /** SHA-256 of the text, 64 hex digits. */
  readonly hash: string;
};

/** Serialize and hash an app-compose. Keys with the value null are left out. An empty name is kept. */
export function storeCompose(compose: AppCompose, form: StoredForm = "compact"): StoredCompose {
  const known = Object.fromEntries(Object.entries(compose).filter(([, value]) => value != null));
  const text = serializeAppCompose(known, composeForms[form]);
  const json = appComposeSchema.parse(JSON.parse(text));
  return { json, form, text, hash: hashText(text) };
}

/** Hash the UTF-8 bytes of a text with SHA-256. Returns 64 hex digits. */
export function hashText(text: string): string {
  return bytesToHex(hashAppCompose(text));
}

/**
 * Check the compose file and the size of compose file and script. The guest checks the rest at boot.
 *
 * @throws ApiError 422 for a text that is not a compose file, and for texts over the limit
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
  if (compose.docker_compose_file != null) checkComposeYaml(compose.docker_compose_file);
}

function byteLength(text: string | null | undefined): number {
  return text == null ? 0 : Buffer.byteLength(text);
}
