import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import { PROVISION, writeMutation } from "../support/mutations.ts";
import { startRedis } from "../support/redis/server.ts";
import { CVM, startScripted } from "../support/upstream/scripted.ts";

const HASH = "ab".repeat(32);
const COMMIT = writeMutation("commitCvmComposeFileUpdate", "status message correlationId");
const NOT_COMPARED = /does not know the provision/;

type Steps = {
  readonly provision?: { readonly allowedEnvs?: readonly string[]; readonly updateEnvVars?: boolean };
  readonly commit: { readonly keys?: readonly string[]; readonly updateEnvVars?: boolean };
  /** Commit through another gateway. */
  readonly other?: boolean;
  /** Provision again through that other gateway before the commit. */
  readonly again?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly cvm?: object;
  /** Called between the steps. */
  readonly between?: () => Promise<unknown>;
};

/** Provision an app-compose of a CVM that allows A and B, and commit it. */
async function run(steps: Steps) {
  const { provision = {}, commit, other = false, again = false, environment = {}, cvm = CVM } = steps;
  await using upstream = await startScripted(({ method, path }) => {
    if (path.endsWith("/provision")) return { body: { compose_hash: HASH, app_id: CVM.app_id } };
    if (method === "PATCH") return { status: 202, body: { correlation_id: "c", message: "Accepted." } };
    return { body: path.includes("/compose_file") ? { name: "web", allowed_envs: ["A", "B"] } : cvm };
  });
  const one = createGateway(upstream.url, { environment });
  const two = createGateway(upstream.url, { environment });
  const { allowedEnvs, ...flag } = provision;
  const appCompose = { dockerComposeFile: "services: {}\n", ...(allowedEnvs && { allowedEnvs }) };
  for (const { app } of again ? [one, two] : [one]) {
    const provisioned = await ask(app, PROVISION, { input: { id: CVM.id, appCompose, ...flag } });
    expect(provisioned.errors).toBeUndefined();
  }
  await steps.between?.();
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
    error: errors?.[0] ?? null,
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

describe("a commit to an on-chain CVM whose provision another gateway made", () => {
  const onChain = { ...CVM, kms_type: "base", kms_info: { chain_id: 8453 } };
  const steps = { provision: NEW_LIST, other: true, cvm: onChain };

  it.each([{ updateEnvVars: true }, { updateEnvVars: false }, {}])(
    "is not sent with keys and %o, and the error says to provision again",
    async (flag) => {
      const { error, bodies } = await run({ ...steps, commit: { keys: ["B", "A"], ...flag } });
      expect(error).toMatchObject({
        message: expect.stringMatching(
          /Nothing was sent\. .*provisionCvmComposeFileUpdate again .*REDIS_URL/,
        ),
        extensions: { code: "HASH_INVALID_OR_EXPIRED", retryable: false },
      });
      expect(bodies).toEqual([]);
    },
  );

  it("is not sent with keys while the CVM cannot be read, which leaves its KMS unknown", async () => {
    const commit = { keys: ["B", "A"], updateEnvVars: true };
    const cvm: Record<string, unknown> = { ...onChain };
    const between = async () => void Object.assign(cvm, { id: null });
    const { error, bodies } = await run({ ...steps, cvm, between, commit });
    expect(error?.extensions.code).toBe("HASH_INVALID_OR_EXPIRED");
    expect(bodies).toEqual([]);
  });

  it("is compared and sent after the same provision through this gateway", async () => {
    const keys = ["A", "B", "C"];
    const wrong = await run({
      ...steps,
      again: true,
      commit: { keys: ["C", "A", "B"], updateEnvVars: true },
    });
    expect(wrong.fields).toMatchObject([{ path: "input.env.keys" }]);
    const { error, bodies } = await run({ ...steps, again: true, commit: { keys } });
    expect(error).toBeNull();
    expect(bodies).toMatchObject([{ env_keys: keys, update_env_vars: true }]);
  });

  it("is sent without keys, which leave the list of the provision as it is", async () => {
    const { error, bodies } = await run({ ...steps, commit: {} });
    expect(error).toBeNull();
    expect(bodies).toHaveLength(1);
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
