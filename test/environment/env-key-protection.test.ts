import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { CONFIGURE, listWrites } from "../support/mutations.ts";
import { BOTH, ENV, ENV_MUTATIONS, SEALED } from "./env-mutations.ts";

describe.each(ENV_MUTATIONS)("$name", ({ name, query }) => {
  it.each([
    ["in plain text", { plain: [{ key: "NEW", value: "x" }] }],
    ["sealed", { encrypted: { encryptedEnv: SEALED, keys: ["NEW"] } }],
  ])(
    "rejects an environment %s that drops keys not listed in removeKeys, and names them",
    async (_how, env) => {
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
    },
  );

  it("writes nothing when the present keys cannot be read", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(query, {
      input: { id: "fails-503", env: { encrypted: { encryptedEnv: SEALED, keys: BOTH } } },
    });
    expect(errors?.[0]?.extensions.code).toBe("UPSTREAM_UNAVAILABLE");
    expect(listWrites(await gateway.calls())).toEqual([]);
  });

  it.each([
    [
      "for a sealed environment without keys",
      { env: { encrypted: { encryptedEnv: SEALED } }, removeKeys: ["A"] },
    ],
    ["for a key that the environment sets", { env: { plain: ENV }, removeKeys: ["API_TOKEN"] }],
  ])("rejects removeKeys %s and sends nothing", async (_what, input) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(query, { input: { id: "web-phala", ...input } });
    expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    expect(await gateway.calls()).toEqual([]);
  });
});

describe("configureCvm", () => {
  it("rejects allowedEnvs that differ from the keys of env, and sends them in the order of allowedEnvs", async () => {
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

  it("rejects allowedEnvs that drop keys of a sealed environment", async () => {
    await using gateway = await startGateway();
    const input = {
      id: "web-phala",
      env: { encrypted: { encryptedEnv: SEALED } },
      allowedEnvs: ["A"],
    };
    const { errors } = await gateway.ask(CONFIGURE, { input });
    expect(errors?.[0]?.message).toContain("DATABASE_URL, API_TOKEN");
    expect(listWrites(await gateway.calls())).toEqual([]);
  });

  it("sends allowedEnvs without env unchanged, because no value is lost", async () => {
    await using gateway = await startGateway();
    await gateway.ask(CONFIGURE, { input: { id: "web-phala", allowedEnvs: ["API_TOKEN"] } });
    const writes = (await gateway.calls()).filter(({ method }) => method !== "GET");
    expect(writes.map(({ body }) => body)).toEqual([{ allowed_envs: ["API_TOKEN"] }]);
  });
});
