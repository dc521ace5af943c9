import { describe, expect, it } from "vitest";
import { ask, createGateway, startGateway } from "../support/gateway.ts";
import { COMMIT, listWrites, PROVISION } from "../support/mutations.ts";
import { startScripted } from "../support/upstream/scripted.ts";

const YAML = "services:\n  app:\n    image: nginx:1.27.3\n";

/** Read the app-compose of a CVM through the gateway. */
async function readJson(gateway: Awaited<ReturnType<typeof startGateway>>, id: string) {
  const { data } = await gateway.ask("query ($id: ID!) { cvm(id: $id) { compose { json hash } } }", { id });
  await gateway.calls();
  return data.cvm.compose;
}

/** Return the body of the only POST request since the last read of the journal. */
async function readSent(gateway: Awaited<ReturnType<typeof startGateway>>) {
  const posts = (await gateway.calls()).filter(({ method }) => method === "POST");
  expect(posts).toHaveLength(1);
  return posts[0]?.body;
}

describe("provisionCvmComposeFileUpdate", () => {
  it("merges the input into the present app-compose and sends all of it in one flat object", async () => {
    await using gateway = await startGateway();
    const { json } = await readJson(gateway, "private-logs");
    const { data, errors } = await gateway.ask(PROVISION, {
      input: { id: "private-logs", appCompose: { dockerComposeFile: YAML, publicSysinfo: true } },
    });
    expect(errors).toBeUndefined();
    expect(data.provisionCvmComposeFileUpdate).toMatchObject({
      composeHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      composeHashRegistered: false,
      composeUnchanged: false,
      kms: null,
      transaction: null,
    });
    const [found, read, write] = await gateway.calls();
    expect(found).toMatchObject({ method: "GET", path: "/cvms/private-logs" });
    expect(read).toMatchObject({ method: "GET", path: "/cvms/private-logs/compose_file" });
    expect(write).toMatchObject({ method: "POST", path: "/cvms/private-logs/compose_file/provision" });
    expect(write?.body).toEqual({ ...json, docker_compose_file: YAML, public_sysinfo: true });
    expect(write?.body.public_logs).toBe(false);
    expect(Object.values(write?.body)).not.toContain(null);
  });

  it("maps every setting of the input to its wire name", async () => {
    await using gateway = await startGateway();
    await gateway.ask(PROVISION, {
      input: {
        id: "web-phala",
        updateEnvVars: true,
        appCompose: {
          dockerComposeFile: YAML,
          preLaunchScript: "#!/bin/sh\n",
          name: "another-name",
          allowedEnvs: ["A", "DATABASE_URL", "API_TOKEN"],
          features: ["kms"],
          publicLogs: false,
          publicSysinfo: false,
          publicTcbinfo: false,
          kmsEnabled: true,
          gatewayEnabled: false,
          storageFs: "ext4",
        },
      },
    });
    expect(await readSent(gateway)).toMatchObject({
      docker_compose_file: YAML,
      pre_launch_script: "#!/bin/sh\n",
      name: "another-name",
      allowed_envs: ["A", "DATABASE_URL", "API_TOKEN"],
      features: ["kms"],
      public_logs: false,
      public_sysinfo: false,
      public_tcbinfo: false,
      kms_enabled: true,
      gateway_enabled: false,
      storage_fs: "ext4",
      update_env_vars: true,
      runner: "docker-compose",
      manifest_version: 2,
    });
  });

  it("removes the script when it is an empty string", async () => {
    await using gateway = await startGateway();
    await gateway.ask(PROVISION, {
      input: { id: "web-phala", appCompose: { dockerComposeFile: YAML, preLaunchScript: "" } },
    });
    expect(await readSent(gateway)).not.toHaveProperty("pre_launch_script");
  });

  it("returns composeUnchanged when the input keeps every value", async () => {
    await using gateway = await startGateway();
    const { json, hash } = await readJson(gateway, "web-phala");
    const { data } = await gateway.ask(PROVISION, {
      input: { id: "web-phala", appCompose: { dockerComposeFile: json.docker_compose_file } },
    });
    expect(data.provisionCvmComposeFileUpdate).toMatchObject({ composeUnchanged: true, composeHash: hash });
  });

  it("sets update_env_vars with allowedEnvs, and rejects allowedEnvs with updateEnvVars: false", async () => {
    await using gateway = await startGateway();
    const allowedEnvs = ["DATABASE_URL", "API_TOKEN", "A"];
    const appCompose = { dockerComposeFile: YAML, allowedEnvs };
    const { data } = await gateway.ask(PROVISION, { input: { id: "web-phala", appCompose } });
    expect(data.provisionCvmComposeFileUpdate).toMatchObject({ updateEnvVars: true });
    expect(await readSent(gateway)).toMatchObject({ allowed_envs: allowedEnvs, update_env_vars: true });
    const refused = await gateway.ask(PROVISION, {
      input: { id: "web-phala", appCompose, updateEnvVars: false },
    });
    expect(refused.errors?.[0]?.extensions).toMatchObject({
      fields: [{ path: "input.appCompose.allowedEnvs" }],
    });
    expect(await gateway.calls()).toEqual([]);
  });

  it("rejects a list that loses a name which removeKeys does not list, before anything is sent", async () => {
    await using gateway = await startGateway();
    const appCompose = { dockerComposeFile: YAML, allowedEnvs: ["API_TOKEN"] };
    const lost = await gateway.ask(PROVISION, { input: { id: "web-phala", appCompose } });
    expect(lost.errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "input.removeKeys", message: expect.stringContaining("DATABASE_URL") }],
    });
    expect(listWrites(await gateway.calls())).toEqual([]);
    const input = { id: "web-phala", appCompose, removeKeys: ["DATABASE_URL"] };
    const { errors } = await gateway.ask(PROVISION, { input });
    expect(errors).toBeUndefined();
    expect(await readSent(gateway)).toMatchObject({ allowed_envs: ["API_TOKEN"], update_env_vars: true });
  });

  it.each([
    ["a name that the new list has", { allowedEnvs: ["API_TOKEN", "DATABASE_URL"] }, "input.removeKeys.0"],
    ["no new list", {}, "input.removeKeys"],
  ])("rejects removeKeys with %s and sends nothing", async (_what, list, path) => {
    await using gateway = await startGateway();
    const appCompose = { dockerComposeFile: YAML, ...list };
    const { errors } = await gateway.ask(PROVISION, {
      input: { id: "web-phala", appCompose, removeKeys: ["DATABASE_URL"] },
    });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", fields: [{ path }] });
    expect(await gateway.calls()).toEqual([]);
  });

  it("sends no write when the present app-compose cannot be read", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(PROVISION, {
      input: { id: "fails-503", appCompose: { dockerComposeFile: YAML } },
    });
    expect(errors?.[0]?.extensions.code).toBe("UPSTREAM_UNAVAILABLE");
    expect(listWrites(await gateway.calls())).toEqual([]);
  });

  it.each([
    ["one line", (text: string) => text],
    ["indented lines", (text: string) => text.replaceAll(/([{,])(?=")/g, "$1\n  ").replaceAll(/}/g, "\n}")],
    ["an irregular layout", (text: string) => text.replace(",", " ,\n")],
  ])("sends members that do not change byte for byte, from a file with %s", async (_layout, format) => {
    const kept = '"a_ratio":1.0,"big":9007199254740993,"exponent":1e2,"text":"\\u00e9\\/"';
    const source = format(`{"docker_compose_file":"x","name":"",${kept}}`);
    await using upstream = await startScripted(({ method, path }) => {
      if (method === "POST") return { body: { compose_hash: "ab".repeat(32) } };
      if (path.includes("/compose_file?")) return { body: source, headers: { "content-type": "text/plain" } };
      return { body: { id: "cvm_1", name: "the-name", resource: {}, status: "running" } };
    });
    const { app, close } = createGateway(upstream.url);
    const appCompose = { dockerComposeFile: YAML, publicLogs: true, preLaunchScript: "" };
    const { errors } = await ask(app, PROVISION, { input: { id: "cvm_1", appCompose, updateEnvVars: true } });
    await close();
    expect(errors).toBeUndefined();
    const sent = upstream.requests.find(({ method }) => method === "POST");
    expect(sent?.headers["content-type"]).toBe("application/json");
    const bare = sent?.body.replaceAll(/\n */g, "") ?? "";
    expect(bare).toBe(
      `{"docker_compose_file":${JSON.stringify(YAML)},"name":"",${kept},"public_logs":true,"update_env_vars":true}`,
    );
  });

  it("does not quote a text of the app-compose that the REST API repeats in its error", async () => {
    await using upstream = await startScripted(({ method, path }) => {
      if (method === "POST")
        return { status: 400, body: { detail: "cannot parse token-3f9a1c in the file" } };
      if (path.includes("/compose_file?"))
        return { body: '{"docker_compose_file":"token-3f9a1c","ratio":1.0}' };
      return { body: { id: "cvm_1", name: "the-name", resource: {}, status: "running" } };
    });
    const { app, close } = createGateway(upstream.url);
    const input = {
      id: "cvm_1",
      appCompose: { dockerComposeFile: YAML, preLaunchScript: "echo token-3f9a1c" },
    };
    const { errors } = await ask(app, PROVISION, { input });
    await close();
    expect(upstream.requests.at(-1)?.method).toBe("POST");
    expect(JSON.stringify(errors)).not.toContain("3f9a1c");
  });

  it("keeps unknown settings, including null, and sends an empty name when the app-compose has none", async () => {
    await using upstream = await startScripted(({ method, path }) => {
      if (method === "POST")
        return { status: 422, body: { detail: [{ loc: ["body", "storage_fs"], msg: "unknown" }] } };
      if (path.includes("/compose_file?"))
        return { body: { docker_compose_file: "x", salt: null, swap_size: 7, nested: { b: [1, null] } } };
      return { body: { id: "cvm_1", name: "the-name", resource: {}, status: "running" } };
    });
    const { app, close } = createGateway(upstream.url);
    const { errors } = await ask(app, PROVISION, {
      input: { id: "the-name", appCompose: { dockerComposeFile: YAML } },
    });
    await close();
    const bodies = upstream.requests
      .filter(({ method }) => method === "POST")
      .map(({ body }) => JSON.parse(body));
    expect(bodies).toEqual([
      { docker_compose_file: YAML, salt: null, swap_size: 7, nested: { b: [1, null] }, name: "" },
    ]);
    expect(errors?.[0]?.extensions).toMatchObject({ fields: [{ path: "input.appCompose.storageFs" }] });
  });
});

describe("a two-step update of a CVM with an on-chain KMS", () => {
  it("returns the transaction in step one and applies the provisioned app-compose in step two", async () => {
    await using gateway = await startGateway();
    const input = { id: "web-base", appCompose: { dockerComposeFile: YAML } };
    const provision = (await gateway.ask(PROVISION, { input })).data.provisionCvmComposeFileUpdate;
    expect(provision.transaction).toEqual({
      chainId: 8453,
      to: `0x${provision.appId}`,
      data: `0xdfc77223${provision.composeHash}`,
      value: "0x0",
    });
    await gateway.sendTransaction(provision.transaction);
    const again = (await gateway.ask(PROVISION, { input })).data.provisionCvmComposeFileUpdate;
    expect(again).toMatchObject({ composeHashRegistered: true, composeHash: provision.composeHash });
    await gateway.calls();
    const { data } = await gateway.ask(COMMIT, {
      input: { id: "web-base", composeHash: provision.composeHash },
    });
    expect(data.commitCvmComposeFileUpdate).toMatchObject({
      status: "IN_PROGRESS",
      correlationId: expect.any(String),
    });
    const hash = { compose_hash: provision.composeHash };
    expect((await gateway.calls()).map(({ method, path, body }) => [method, path, body])).toEqual([
      ["GET", "/cvms/web-base", null],
      ["POST", "/cvms/web-base/is-allowed", hash],
      ["PATCH", "/cvms/web-base/compose_file", hash],
    ]);
    await gateway.advance(10_000);
    expect((await readJson(gateway, "web-base")).hash).toBe(provision.composeHash);
  });
});

describe("commitCvmComposeFileUpdate", () => {
  it("rejects a hash that was never provisioned", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(COMMIT, {
      input: { id: "web-phala", composeHash: "12".repeat(32) },
    });
    expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
  });

  it("rejects a value that is not a compose hash and sends nothing", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(COMMIT, { input: { id: "web-phala", composeHash: "1234" } });
    expect(errors?.[0]?.extensions).toMatchObject({ fields: [{ path: "input.composeHash" }] });
    expect(await gateway.calls()).toEqual([]);
  });

  it.each([
    ["an empty body", ""],
    ["null", "null"],
    ["an unknown object", '{"result": 1}'],
  ])("succeeds when the REST API answers with %s", async (_what, body) => {
    const cvm = {
      id: "cvm_1",
      name: "a-name",
      resource: {},
      status: "running",
      progress: { target: "running", correlation_id: "c-1" },
    };
    await using upstream = await startScripted(({ method }) =>
      method === "PATCH" ? { status: 202, body } : { body: cvm },
    );
    const { app, close } = createGateway(upstream.url);
    const { data } = await ask(app, COMMIT, { input: { id: "a-name", composeHash: "12".repeat(32) } });
    await close();
    expect(data.commitCvmComposeFileUpdate).toEqual({ status: "IN_PROGRESS", correlationId: "c-1" });
  });
});
