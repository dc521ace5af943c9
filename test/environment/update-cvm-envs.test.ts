import { gcm } from "@noble/ciphers/aes.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { hexToBytes } from "@noble/hashes/utils.js";
import { encryptEnvVars } from "@phala/cloud";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createKmsCatalog, deriveEnvKey } from "../../sandbox/catalog/kms.ts";
import { startGateway } from "../support/gateway.ts";
import { COMMIT, CONFIGURE, listWrites, PROVISION, UPDATE_ENVS } from "../support/mutations.ts";

const KMS = createKmsCatalog(null);

const KEY = "sandbox-test";
const BOTH = ["DATABASE_URL", "API_TOKEN"];
const ENV = [
  { key: "DATABASE_URL", value: "postgres://user:pässwörd@db/1\n" },
  { key: "API_TOKEN", value: "" },
];
const YAML = "services:\n  app:\n    image: nginx:1.27.3\n";

/** What the guest of a CVM ended up with. */
async function readGuest(gateway: Awaited<ReturnType<typeof startGateway>>, name: string) {
  const response = await fetch(`${gateway.sandbox.origin}/__sandbox/cvms/${name}/env`, {
    headers: { "x-api-key": KEY },
  });
  return response.json();
}

/** Opens a sealed environment by the format's own description, without the gateway's code. */
function open(sealed: string, privateKey: Uint8Array): unknown {
  const bytes = hexToBytes(sealed);
  const secret = x25519.getSharedSecret(privateKey, bytes.subarray(0, 32));
  const plaintext = gcm(secret, bytes.subarray(32, 44)).decrypt(bytes.subarray(44));
  return JSON.parse(new TextDecoder().decode(plaintext));
}

const flows = [
  { name: "configureCvm", query: CONFIGURE, keysField: "allowed_envs", path: "" },
  { name: "updateCvmEnvs", query: UPDATE_ENVS, keysField: "env_keys", path: "/envs" },
] as const;

describe.each(flows)("$name", ({ name, query, keysField, path }) => {
  it("seals an environment in clear, so that the guest opens it", async () => {
    await using gateway = await startGateway();
    const { data, errors } = await gateway.ask(query, { input: { id: "web-phala", env: { plain: ENV } } });
    expect(errors).toBeUndefined();
    expect(data[name]).toMatchObject({ status: "IN_PROGRESS" });
    const calls = await gateway.calls();
    expect(
      calls
        .filter(({ method }) => method === "GET")
        .map((call) => call.path)
        .sort(),
    ).toEqual(["/cvms/web-phala", "/cvms/web-phala/compose_file"]);
    expect(listWrites(calls)).toEqual([`PATCH /cvms/web-phala${path}`]);
    const { body } = calls.at(-1) ?? {};
    expect(Object.keys(body).sort()).toEqual([keysField, "encrypted_env"].sort());
    expect(body[keysField]).toEqual(BOTH);
    expect(body.encrypted_env).toMatch(/^[0-9a-f]+$/);
    await gateway.advance(10_000);
    expect(await readGuest(gateway, "web-phala")).toMatchObject({ env: ENV, boot_error: null });
  });

  it("gives the new list of keys in the order of the variables", async () => {
    await using gateway = await startGateway();
    const plain = ["Z", "A", "DATABASE_URL"].map((key) => ({ key, value: key }));
    const { data } = await gateway.ask(query, {
      input: { id: "web-phala", env: { plain }, removeKeys: ["API_TOKEN"] },
    });
    expect(data[name].status).toBe("IN_PROGRESS");
    const body = (await gateway.calls()).at(-1)?.body;
    expect(body[keysField]).toEqual(["Z", "A", "DATABASE_URL"]);
  });

  it("keeps the order of a list with the same keys, which would be another hash otherwise", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(query, {
      input: { id: "web-base", env: { plain: ENV.toReversed() } },
    });
    expect(data[name]).toMatchObject({ __typename: "InProgress", status: "IN_PROGRESS" });
    expect((await gateway.calls()).at(-1)?.body[keysField]).toEqual(BOTH);
  });

  it("passes a sealed environment on untouched", async () => {
    await using gateway = await startGateway();
    const { data: found } = await gateway.ask(`{ cvm(id: "web-phala") { envEncryptionKey { publicKey } } }`);
    const sealed = await encryptEnvVars(ENV, found.cvm.envEncryptionKey.publicKey);
    await gateway.calls();
    const { data } = await gateway.ask(query, {
      input: {
        id: "web-phala",
        env: { encrypted: { encryptedEnv: `0x${sealed.toUpperCase()}`, keys: BOTH } },
      },
    });
    expect(data[name].status).toBe("IN_PROGRESS");
    const calls = await gateway.calls();
    expect(calls.map(({ method, path: called }) => `${method} ${called}`)).toEqual([
      "GET /cvms/web-phala/compose_file",
      `PATCH /cvms/web-phala${path}`,
    ]);
    expect(calls.at(-1)?.body).toEqual({ encrypted_env: sealed, [keysField]: BOTH });
    await gateway.advance(10_000);
    expect(await readGuest(gateway, "web-phala")).toMatchObject({ env: ENV });
  });

  it("leaves the list alone for a sealed environment without keys, and reads nothing", async () => {
    await using gateway = await startGateway();
    await gateway.ask(query, {
      input: { id: "web-phala", env: { encrypted: { encryptedEnv: "ab".repeat(60) } } },
    });
    const calls = await gateway.calls();
    expect(calls).toHaveLength(1);
    expect(calls[0]?.body).toEqual({ encrypted_env: "ab".repeat(60) });
  });

  it.each([
    ["in clear", { plain: [{ key: "NEW", value: "x" }] }],
    ["sealed", { encrypted: { encryptedEnv: "ab".repeat(60), keys: ["NEW"] } }],
  ])("refuses an environment %s that would lose keys, and names them", async (_how, env) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(query, {
      input: { id: "web-phala", env, removeKeys: ["API_TOKEN"] },
    });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "input.removeKeys" }],
    });
    expect(errors?.[0]?.message).toContain("DATABASE_URL");
    expect(errors?.[0]?.message).not.toContain("API_TOKEN");
    expect(listWrites(await gateway.calls())).toEqual([]);
    const removed = await gateway.ask(query, {
      input: { id: "web-phala", env, removeKeys: [...BOTH, "GONE"] },
    });
    expect(removed.data[name].status).toBe("IN_PROGRESS");
  });

  it("does not write where the present keys cannot be read", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(query, {
      input: { id: "fails-503", env: { encrypted: { encryptedEnv: "ab".repeat(60), keys: BOTH } } },
    });
    expect(errors?.[0]?.extensions.code).toBe("UPSTREAM_UNAVAILABLE");
    expect(listWrites(await gateway.calls())).toEqual([]);
  });

  it.each([
    ["a bad key", [{ key: "1BAD", value: "x" }], "input.env.plain.0"],
    ["an empty key", [{ key: "", value: "x" }], "input.env.plain.0"],
    [
      "a key twice",
      [
        { key: "A", value: "x" },
        { key: "A", value: "y" },
      ],
      "input.env.plain.1",
    ],
    ["a key too long", [{ key: "A".repeat(256), value: "x" }], "input.env.plain.0"],
    ["a value too long", [{ key: "A", value: "x".repeat(128 * 1024 + 1) }], "input.env.plain.0"],
    ["too many", Array.from({ length: 1025 }, (_, i) => ({ key: `K${i}`, value: "" })), "input.env.plain"],
    ["half a character", [{ key: "A", value: "\ud800" }], "input.env.plain.0"],
  ])("refuses %s, which the guest would refuse at boot, without any call", async (_what, plain, at) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(query, { input: { id: "web-phala", env: { plain } } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", fields: [{ path: at }] });
    expect(await gateway.calls()).toEqual([]);
  });

  it.each([
    ["too short", { encrypted: { encryptedEnv: "ab".repeat(59) } }, "input.env.encrypted.encryptedEnv"],
    [
      "a wrong key",
      { encrypted: { encryptedEnv: "ab".repeat(60), keys: ["a-b"] } },
      "input.env.encrypted.keys.0",
    ],
    [
      "a key twice",
      { encrypted: { encryptedEnv: "ab".repeat(60), keys: ["A", "A"] } },
      "input.env.encrypted.keys.1",
    ],
  ])("refuses a sealed environment that is %s without any call", async (_what, env, at) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(query, { input: { id: "web-phala", env } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", fields: [{ path: at }] });
    expect(await gateway.calls()).toEqual([]);
  });

  it.each([
    ["without keys to compare", { env: { encrypted: { encryptedEnv: "ab".repeat(60) } }, removeKeys: ["A"] }],
    ["that are set as well", { env: { plain: ENV }, removeKeys: ["API_TOKEN"] }],
  ])("refuses removeKeys %s without any call", async (_what, input) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(query, { input: { id: "web-phala", ...input } });
    expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    expect(await gateway.calls()).toEqual([]);
  });

  it("takes only sealed input with ALLOW_PLAINTEXT_ENV=false", async () => {
    await using gateway = await startGateway({ environment: { ALLOW_PLAINTEXT_ENV: "false" } });
    const { errors } = await gateway.ask(query, { input: { id: "web-phala", env: { plain: ENV } } });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "input.env.plain" }],
    });
    expect(await gateway.calls()).toEqual([]);
    const sealed = await gateway.ask(query, {
      input: { id: "web-phala", env: { encrypted: { encryptedEnv: "ab".repeat(60) } } },
    });
    expect(sealed.data[name].status).toBe("IN_PROGRESS");
  });

  it("takes an empty environment only when every key is meant to go", async () => {
    await using gateway = await startGateway();
    const refused = await gateway.ask(query, { input: { id: "web-phala", env: { plain: [] } } });
    expect(refused.errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    await gateway.ask(query, { input: { id: "web-phala", env: { plain: [] }, removeKeys: BOTH } });
    expect((await gateway.calls()).at(-1)?.body[keysField]).toEqual([]);
    await gateway.advance(10_000);
    expect(await readGuest(gateway, "web-phala")).toMatchObject({ env: [], boot_error: null });
  });

  it("takes exactly one of the two forms", async () => {
    await using gateway = await startGateway();
    for (const env of [{}, { plain: ENV, encrypted: { encryptedEnv: "ab".repeat(60) } }, { plain: null }]) {
      const { errors } = await gateway.ask(query, { input: { id: "web-phala", env } });
      expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    }
    expect(await gateway.calls()).toEqual([]);
  });
});

describe("configureCvm", () => {
  it("wants allowedEnvs to agree with the environment beside it", async () => {
    await using gateway = await startGateway();
    const env = { plain: ENV };
    const refused = await gateway.ask(CONFIGURE, { input: { id: "web-phala", env, allowedEnvs: ["A"] } });
    expect(refused.errors?.[0]?.extensions).toMatchObject({ fields: [{ path: "input.allowedEnvs" }] });
    expect(await gateway.calls()).toEqual([]);
    const taken = await gateway.ask(CONFIGURE, {
      input: { id: "web-phala", env, allowedEnvs: BOTH.toReversed() },
    });
    expect(taken.errors).toBeUndefined();
    expect((await gateway.calls()).at(-1)?.body.allowed_envs).toEqual(BOTH.toReversed());
  });

  it("protects the keys of a sealed environment whose list is allowedEnvs", async () => {
    await using gateway = await startGateway();
    const input = {
      id: "web-phala",
      env: { encrypted: { encryptedEnv: "ab".repeat(60) } },
      allowedEnvs: ["A"],
    };
    const { errors } = await gateway.ask(CONFIGURE, { input });
    expect(errors?.[0]?.message).toContain("DATABASE_URL, API_TOKEN");
    expect(listWrites(await gateway.calls())).toEqual([]);
  });

  it("takes allowedEnvs alone as it is: no value is lost by it", async () => {
    await using gateway = await startGateway();
    await gateway.ask(CONFIGURE, { input: { id: "web-phala", allowedEnvs: ["API_TOKEN"] } });
    const calls = await gateway.calls();
    expect(calls.map(({ body }) => body)).toEqual([{ allowed_envs: ["API_TOKEN"] }]);
  });
});

describe("updateCvmEnvs on chain", () => {
  it("needs a registered hash for other keys, and takes the same input again with it", async () => {
    await using gateway = await startGateway();
    const input = { id: "web-base", env: { plain: [...ENV, { key: "NEW", value: "n" }] } };
    const first = (await gateway.ask(UPDATE_ENVS, { input })).data.updateCvmEnvs;
    expect(first.__typename).toBe("OnChainHashRequired");
    const transactionHash = await gateway.sendTransaction(first.transaction);
    await gateway.calls();
    const { data } = await gateway.ask(UPDATE_ENVS, {
      input: { ...input, composeHash: first.composeHash, transactionHash },
    });
    expect(data.updateCvmEnvs).toMatchObject({ status: "IN_PROGRESS", allowedEnvsChanged: true });
    const write = (await gateway.calls()).at(-1);
    expect(write?.body).toMatchObject({ compose_hash: first.composeHash, transaction_hash: transactionHash });
    expect(write?.headers).not.toHaveProperty("x-compose-hash");
    await gateway.advance(10_000);
    expect(await readGuest(gateway, "web-base")).toMatchObject({ env: input.env.plain });
  });

  it("needs none for other values of the same keys", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(UPDATE_ENVS, { input: { id: "web-base", env: { plain: ENV } } });
    expect(data.updateCvmEnvs).toMatchObject({ __typename: "InProgress", allowedEnvsChanged: false });
  });
});

it("seals any text so that an independent implementation opens it", async () => {
  await using gateway = await startGateway();
  const { data } = await gateway.ask(`{ cvm(id: "no-script") { appId } }`);
  const { privateKey } = deriveEnvKey(KMS.phala, data.cvm.appId);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 50 }), async (value) => {
      const plain = [{ key: "QUEUE_URL", value }];
      await gateway.ask(UPDATE_ENVS, { input: { id: "no-script", env: { plain } } });
      await gateway.advance(20_000);
      const { body } = (await gateway.calls()).at(-1) ?? {};
      expect(open(body.encrypted_env, privateKey)).toEqual({ env: plain });
    }),
    { numRuns: 30 },
  );
});

describe("the compose file in two steps", () => {
  it("checks a sealed environment and passes it on", async () => {
    await using gateway = await startGateway();
    const provision = await gateway.ask(PROVISION, {
      input: { id: "web-phala", appCompose: { dockerComposeFile: YAML } },
    });
    const { composeHash } = provision.data.provisionCvmComposeFileUpdate;
    await gateway.calls();
    const wrong = await gateway.ask(COMMIT, {
      input: { id: "web-phala", composeHash, env: { encryptedEnv: "ab" } },
    });
    expect(wrong.errors?.[0]?.extensions).toMatchObject({ fields: [{ path: "input.env.encryptedEnv" }] });
    expect(await gateway.calls()).toEqual([]);
  });
});
