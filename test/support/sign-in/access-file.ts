import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";

/** What the gateway expects as the audience of tokens. */
export const AUDIENCE = "cvm-gateway";

/** Keys that only the gateway has. The sandbox gives each its own workspace. */
export const SERVER_KEYS = {
  production: "sandbox-server-production-Qx81",
  staging: "sandbox-server-staging-Lm27",
} as const;

/** An access file that uses every part of its form. */
export function createRules(issuer: string) {
  return {
    version: 1,
    passthrough: false,
    issuers: [{ issuer, audience: AUDIENCE }] as Record<string, unknown>[],
    workspaces: {
      production: { apiKeyFile: "production.key" },
      staging: { apiKeyEnv: "STAGING_KEY", slug: "staging-slug" },
    } as Record<string, unknown>,
    roles: {
      viewer: { allow: ["read"] },
      planner: { allow: ["read", "plan"] },
      operator: { allow: ["read", "plan", "power", "configure"], cvms: ["web-*"] },
      releaser: { allow: ["read", "plan", "configure", "environment", "confirm"] },
    } as Record<string, unknown>,
    grants: [
      { claim: "groups", has: "platform", role: "operator", workspace: "production" },
      { claim: "groups", has: "planners", role: "planner", workspace: "production" },
      { claim: "groups", has: "releasers", role: "releaser", workspace: "production" },
      { claim: "groups", has: "programs", role: "viewer", workspace: "production" },
      { claim: "groups", has: "testers", role: "releaser", workspace: "staging" },
      { claim: "email", matches: "*@example.com", role: "viewer", workspace: "production" },
    ] as Record<string, unknown>[],
  };
}

/** The content of an access file. */
export type Rules = ReturnType<typeof createRules>;

/** Write an access file and its keys into a new folder. */
export async function writeAccessFile(rules: object | string) {
  const folder = await mkdtemp(join(tmpdir(), "cvm-gateway-access-"));
  const path = join(folder, "access.yaml");
  const write = (content: object | string) =>
    writeFile(path, typeof content === "string" ? content : stringify(content));
  const writeKey = (key: string) => writeFile(join(folder, "production.key"), `${key}\n`);
  await write(rules);
  await writeKey(SERVER_KEYS.production);
  return {
    folder,
    path,
    write,
    writeKey,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
