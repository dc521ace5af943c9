import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { COMMIT, PROVISION } from "../support/mutations.ts";
import { ENV, ENV_MUTATIONS, SEALED } from "./env-mutations.ts";

const YAML = "services:\n  app:\n    image: nginx:1.27.3\n";

describe.each(ENV_MUTATIONS)("$name", ({ name, query }) => {
  it.each([
    ["an invalid key", [{ key: "1BAD", value: "x" }], "input.env.plain.0"],
    ["an empty key", [{ key: "", value: "x" }], "input.env.plain.0"],
    [
      "a repeated key",
      [
        { key: "A", value: "x" },
        { key: "A", value: "y" },
      ],
      "input.env.plain.1",
    ],
    ["a key that is too long", [{ key: "A".repeat(256), value: "x" }], "input.env.plain.0"],
    ["a value that is too long", [{ key: "A", value: "x".repeat(128 * 1024 + 1) }], "input.env.plain.0"],
    [
      "too many variables",
      Array.from({ length: 1025 }, (_, i) => ({ key: `K${i}`, value: "" })),
      "input.env.plain",
    ],
    ["half of a surrogate pair", [{ key: "A", value: "\ud800" }], "input.env.plain.0"],
  ])("rejects %s, as the guest would at boot, and sends nothing", async (_what, plain, at) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(query, { input: { id: "web-phala", env: { plain } } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", fields: [{ path: at }] });
    expect(await gateway.calls()).toEqual([]);
  });

  it.each([
    [
      "that is too short",
      { encrypted: { encryptedEnv: "ab".repeat(59) } },
      "input.env.encrypted.encryptedEnv",
    ],
    [
      "with an invalid key",
      { encrypted: { encryptedEnv: SEALED, keys: ["a-b"] } },
      "input.env.encrypted.keys.0",
    ],
    [
      "with a repeated key",
      { encrypted: { encryptedEnv: SEALED, keys: ["A", "A"] } },
      "input.env.encrypted.keys.1",
    ],
  ])("rejects a sealed environment %s and sends nothing", async (_what, env, at) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(query, { input: { id: "web-phala", env } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", fields: [{ path: at }] });
    expect(await gateway.calls()).toEqual([]);
  });

  it("accepts only a sealed environment when ALLOW_PLAINTEXT_ENV is false", async () => {
    await using gateway = await startGateway({ environment: { ALLOW_PLAINTEXT_ENV: "false" } });
    const { errors } = await gateway.ask(query, { input: { id: "web-phala", env: { plain: ENV } } });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "input.env.plain" }],
    });
    expect(await gateway.calls()).toEqual([]);
    const sealed = await gateway.ask(query, {
      input: { id: "web-phala", env: { encrypted: { encryptedEnv: SEALED } } },
    });
    expect(sealed.data[name].status).toBe("IN_PROGRESS");
  });

  it("rejects an environment that is not exactly one of plain and encrypted", async () => {
    await using gateway = await startGateway();
    for (const env of [{}, { plain: ENV, encrypted: { encryptedEnv: SEALED } }, { plain: null }]) {
      const { errors } = await gateway.ask(query, { input: { id: "web-phala", env } });
      expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    }
    expect(await gateway.calls()).toEqual([]);
  });
});

describe("commitCvmComposeFileUpdate", () => {
  it("checks a sealed environment and forwards it", async () => {
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
    const sealed = await gateway.ask(COMMIT, {
      input: { id: "web-phala", composeHash, env: { encryptedEnv: `0x${SEALED.toUpperCase()}` } },
    });
    expect(sealed.data.commitCvmComposeFileUpdate.status).toBe("IN_PROGRESS");
    expect((await gateway.calls()).find(({ method }) => method === "PATCH")?.body).toEqual({
      compose_hash: composeHash,
      encrypted_env: SEALED,
    });
  });
});
