import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import { PROVISION, writeMutation } from "../support/mutations.ts";
import { startRedis } from "../support/parts/redis.ts";
import { CVM, startScripted } from "../support/upstream/scripted.ts";

const HASH = "ab".repeat(32);
const COMMIT = writeMutation("commitCvmComposeFileUpdate", "status message correlationId");
const NOT_COMPARED = /does not know the provision/;

type Steps = {
  readonly provision?: { readonly allowedEnvs?: readonly string[]; readonly updateEnvVars?: boolean };
  readonly commit: { readonly keys?: readonly string[]; readonly updateEnvVars?: boolean };
  /** Commit through another gateway. */
  readonly other?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  /** Called between the steps. */
  readonly between?: () => Promise<unknown>;
};

/** Provision an app-compose of a CVM that allows A and B, and commit it. */
async function run({ provision = {}, commit, other = false, environment = {}, between }: Steps) {
  await using upstream = await startScripted(({ method, path }) => {
    if (path.endsWith("/provision")) return { body: { compose_hash: HASH, app_id: CVM.app_id } };
    if (method === "PATCH") return { status: 202, body: { correlation_id: "c", message: "Accepted." } };
    return { body: path.includes("/compose_file") ? { name: "web", allowed_envs: ["A", "B"] } : CVM };
  });
  const one = createGateway(upstream.url, { environment });
  const two = createGateway(upstream.url, { environment });
  const { allowedEnvs, ...flag } = provision;
  const appCompose = { dockerComposeFile: "services: {}\n", ...(allowedEnvs && { allowedEnvs }) };
  const provisioned = await ask(one.app, PROVISION, { input: { id: CVM.id, appCompose, ...flag } });
  expect(provisioned.errors).toBeUndefined();
  await between?.();
  const { keys, ...commitFlag } = commit;
  const env = { encryptedEnv: "ab".repeat(80), ...(keys && { keys }) };
  const input = { id: CVM.id, composeHash: HASH, env, ...commitFlag };
  const { data, errors } = await ask((other ? two : one).app, COMMIT, { input });
  await one.close();
  await two.close();
  const bodies = upstream.requests
    .filter(({ method }) => method === "PATCH")
    .map(({ body }) => JSON.parse(body));
  return {
    fields: errors?.[0]?.extensions["fields"] ?? null,
    message: data.commitCvmComposeFileUpdate?.message,
    bodies,
  };
}

const NEW_LIST = { allowedEnvs: ["A", "B", "C"] };

describe("a commit whose provision the gateway knows", () => {
  it.each<[string, Steps, object]>([
    [
      "the list and the flag of the provision",
      { provision: NEW_LIST, commit: { keys: ["A", "B", "C"], updateEnvVars: true } },
      { env_keys: ["A", "B", "C"], update_env_vars: true },
    ],
    [
      "the list, and takes over the flag that is left out, without which the list has no effect",
      { provision: NEW_LIST, commit: { keys: ["A", "B", "C"] } },
      { env_keys: ["A", "B", "C"], update_env_vars: true },
    ],
    [
      "the present list, if the provision did not change it",
      { commit: { keys: ["A", "B"], updateEnvVars: false } },
      { env_keys: ["A", "B"], update_env_vars: false },
    ],
  ])("sends %s", async (_what, steps, body) => {
    const { fields, message, bodies } = await run(steps);
    expect(fields).toBeNull();
    expect(message).toBe("Accepted.");
    expect(bodies).toEqual([{ compose_hash: HASH, encrypted_env: "ab".repeat(80), ...body }]);
  });

  it("adds no flag to a commit without a list", async () => {
    const { bodies } = await run({ provision: NEW_LIST, commit: {} });
    expect(bodies).toEqual([{ compose_hash: HASH, encrypted_env: "ab".repeat(80) }]);
  });

  it.each<[string, Steps, string]>([
    [
      "with a name more",
      { provision: NEW_LIST, commit: { keys: ["A", "B", "C", "D"], updateEnvVars: true } },
      "input.env.keys",
    ],
    [
      "in another order",
      { provision: NEW_LIST, commit: { keys: ["C", "A", "B"], updateEnvVars: true } },
      "input.env.keys",
    ],
    ["that the provision left out", { commit: { keys: ["A", "B", "C"] } }, "input.env.keys"],
    [
      "with the flag, if it was provisioned without",
      { commit: { keys: ["A", "B"], updateEnvVars: true } },
      "input.updateEnvVars",
    ],
    [
      "without the flag, if it was provisioned with it",
      { provision: NEW_LIST, commit: { keys: ["A", "B", "C"], updateEnvVars: false } },
      "input.updateEnvVars",
    ],
  ])("rejects a list %s, and sends nothing", async (_what, steps, path) => {
    const { fields, bodies } = await run(steps);
    expect(fields).toMatchObject([{ path }]);
    expect(bodies).toEqual([]);
  });
});

describe("a commit whose provision another gateway made", () => {
  const commit = { keys: ["B", "A"], updateEnvVars: true };

  it("is left to the REST API, and the message says that nothing was compared", async () => {
    const { fields, message, bodies } = await run({ provision: NEW_LIST, commit, other: true });
    expect(fields).toBeNull();
    expect(message).toMatch(NOT_COMPARED);
    expect(message).toMatch(/^Accepted\. /);
    expect(bodies).toMatchObject([{ env_keys: ["B", "A"], update_env_vars: true }]);
  });

  it("says that a list without the flag has no effect", async () => {
    const { message } = await run({ provision: NEW_LIST, commit: { keys: ["A"] }, other: true });
    expect(message).toContain("updateEnvVars: true");
  });
});

describe("gateways on one Redis", { tags: ["redis-server"] }, () => {
  const commit = { keys: ["B", "A"], updateEnvVars: true };

  it("share provisions, without a name or a credential in plain text", async () => {
    await using redis = await startRedis();
    const environment = { REDIS_URL: redis.url };
    const provision = { allowedEnvs: ["A", "B", "CANARY_NAME"] };
    const { fields, bodies } = await run({ provision, commit, other: true, environment });
    expect(fields).toMatchObject([{ path: "input.env.keys" }]);
    expect(bodies).toEqual([]);
    const client = new Redis(redis.url);
    const [name = ""] = await client.keys("cvm-gateway:provision:*");
    const stored = `${name} ${await client.get(name)}`;
    const days = (await client.pttl(name)) / (24 * 3_600_000);
    client.disconnect();
    expect(stored).toContain(HASH);
    expect(stored).not.toMatch(/CANARY_NAME|sandbox-test/);
    expect(Math.round(days)).toBe(14);
  });

  it("leave a commit to the REST API while Redis is gone, and still know their own provisions", async () => {
    for (const other of [true, false]) {
      const redis = await startRedis();
      const environment = { REDIS_URL: redis.url };
      const steps = { provision: NEW_LIST, commit, other, environment, between: redis.stop };
      const { fields, message, bodies } = await run(steps);
      if (other) expect(message).toMatch(NOT_COMPARED);
      else expect(fields).toMatchObject([{ path: "input.env.keys" }]);
      expect(bodies).toHaveLength(other ? 1 : 0);
    }
  });
});
