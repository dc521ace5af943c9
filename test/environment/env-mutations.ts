import type { startGateway } from "../support/gateway.ts";
import { CONFIGURE, UPDATE_ENVS } from "../support/mutations.ts";

/** The keys that the CVMs of the sandbox have, in their present order. */
export const BOTH = ["DATABASE_URL", "API_TOKEN"];

/** Values for both keys: text with line breaks and letters outside ASCII, and an empty value. */
export const ENV = [
  { key: "DATABASE_URL", value: "postgres://user:pässwörd@db/1\n" },
  { key: "API_TOKEN", value: "" },
];

/** A sealed environment of the shortest valid length. Its content is not valid. */
export const SEALED = "ab".repeat(60);

/** The two mutations that accept an environment. */
export const ENV_MUTATIONS = [
  { name: "configureCvm", query: CONFIGURE, keysField: "allowed_envs", path: "" },
  { name: "updateCvmEnvs", query: UPDATE_ENVS, keysField: "env_keys", path: "/envs" },
] as const;

/** Read the environment that the guest of a CVM decrypted at boot. */
export async function readGuest(gateway: Awaited<ReturnType<typeof startGateway>>, name: string) {
  const response = await fetch(`${gateway.sandbox.origin}/__sandbox/cvms/${name}/env`, {
    headers: { "x-api-key": "sandbox-test" },
  });
  return response.json();
}
