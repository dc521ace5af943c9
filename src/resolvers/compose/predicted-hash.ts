import { bytesToHex } from "@noble/hashes/utils.js";
import { hashAppCompose, serializeAppCompose } from "../../crypto/compose-hash.ts";
import { CryptoError } from "../../crypto/crypto-error.ts";
import type { ConfigureCvmInput } from "../configure/configure-input.ts";

/** The part of a change that the compose hash measures, beside the list of keys. */
export type ComposeChange = Pick<
  ConfigureCvmInput,
  "dockerComposeFile" | "preLaunchScript" | "publicLogs" | "publicSysinfo" | "publicTcbinfo"
>;

type Json = Readonly<Record<string, unknown>>;

function hash(appCompose: Json): string | null {
  try {
    return bytesToHex(hashAppCompose(serializeAppCompose(appCompose)));
  } catch (error) {
    // A number or a text that has no exact form: then nobody can tell what the backend would write.
    if (error instanceof CryptoError) return null;
    throw error;
  }
}

/**
 * Foretells the compose hash that the REST API will compute for a change.
 *
 * @param current - the app-compose that the CVM has
 * @param currentHash - its hash by the REST API
 * @param keys - the list of keys that would be sent, null where it stays
 * @returns null unless the same serialisation reproduces the present hash from the present file.
 */
export function foretellComposeHash(
  current: Json,
  currentHash: string | null,
  input: ComposeChange,
  keys: readonly string[] | null,
): string | null {
  if (currentHash === null || hash(current) !== currentHash) return null;
  const given = {
    docker_compose_file: input.dockerComposeFile,
    pre_launch_script: input.preLaunchScript,
    allowed_envs: keys,
    public_logs: input.publicLogs,
    public_sysinfo: input.publicSysinfo,
    public_tcbinfo: input.publicTcbinfo,
  };
  const changed = Object.entries(given).filter(([, value]) => value !== null && value !== undefined);
  return hash({ ...current, ...Object.fromEntries(changed) });
}
