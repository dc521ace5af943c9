import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { CONFIGURE, listWrites } from "../support/mutations.ts";

const sealed = "ab".repeat(60);

describe("configureCvm", () => {
  it("sends one PATCH request with exactly the given fields", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(CONFIGURE, {
      input: { id: "web-phala", vcpu: 4, memoryMb: 8192, publicLogs: false },
    });
    expect(data.configureCvm).toMatchObject({
      __typename: "InProgress",
      status: "IN_PROGRESS",
      correlationId: expect.any(String),
      allowedEnvsChanged: null,
    });
    const calls = (await gateway.calls()).filter(({ method }) => method !== "GET");
    expect(calls.map(({ method, path, body }) => ({ method, path, body }))).toEqual([
      { method: "PATCH", path: "/cvms/web-phala", body: { vcpu: 4, memory: 8192, public_logs: false } },
    ]);
    expect(calls[0]?.headers).not.toHaveProperty("x-prepare-only");
  });

  it("maps every field to its wire name", async () => {
    await using gateway = await startGateway();
    const compose = "services:\n  app:\n    image: nginx:1.27\n";
    const { errors } = await gateway.ask(CONFIGURE, {
      input: {
        id: "web-phala",
        dockerComposeFile: compose,
        preLaunchScript: "",
        env: {
          encrypted: { encryptedEnv: `0x${sealed.toUpperCase()}`, keys: ["DATABASE_URL", "API_TOKEN"] },
        },
        publicLogs: true,
        publicSysinfo: false,
        publicTcbinfo: true,
        vcpu: 2,
        memoryMb: 4096,
        diskSizeGb: 60,
        image: "dstack-0.5.5",
        userConfig: '{"hostname":"web"}',
        shutdownTimeoutSeconds: 30,
        allowForceStop: true,
      },
    });
    expect(errors).toBeUndefined();
    const [patch] = (await gateway.calls()).filter(({ method }) => method !== "GET");
    expect(patch).toMatchObject({
      body: {
        docker_compose_file: compose,
        pre_launch_script: "",
        allowed_envs: ["DATABASE_URL", "API_TOKEN"],
        encrypted_env: sealed,
        public_logs: true,
        public_sysinfo: false,
        public_tcbinfo: true,
        vcpu: 2,
        memory: 4096,
        disk_size: 60,
        image: "dstack-0.5.5",
        user_config: '{"hostname":"web"}',
        shutdown_timeout: 30,
        allow_force_stop: true,
      },
    });
  });

  it("changes the CVM, and the new values are visible when its restart completes", async () => {
    await using gateway = await startGateway();
    const read = '{ cvm(id: "web-phala") { status inProgress resources { vcpu memoryMb } configVersion } }';
    const before = (await gateway.ask(read)).data.cvm;
    await gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 8, memoryMb: 16384 } });
    expect((await gateway.ask(read)).data.cvm).toMatchObject({ status: "SHUTTING_DOWN", inProgress: true });
    await gateway.advance(15_000);
    const after = (await gateway.ask(read)).data.cvm;
    expect(after).toMatchObject({
      status: "RUNNING",
      inProgress: false,
      resources: { vcpu: 8, memoryMb: 16384 },
    });
    expect(after.configVersion).not.toBe(before.configVersion);
  });

  it("reads the CVM before the write for its id, and after it only when the selection contains the CVM", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(
      `mutation { configureCvm(input: { id: "web-phala", vcpu: 4 }) { ... on InProgress { correlationId cvm { progress { correlationId } } } } }`,
    );
    expect(data.configureCvm.cvm.progress.correlationId).toBe(data.configureCvm.correlationId);
    expect((await gateway.calls()).map(({ method }) => method)).toEqual(["GET", "PATCH", "GET"]);
  });

  it("returns NO_CHANGE without a correlation id when the CVM already has the given values", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask('{ cvm(id: "web-phala") { resources { vcpu } } }');
    const answer = await gateway.ask(CONFIGURE, {
      input: { id: "web-phala", vcpu: data.cvm.resources.vcpu },
    });
    expect(answer.data.configureCvm).toMatchObject({
      __typename: "InProgress",
      status: "NO_CHANGE",
      correlationId: null,
    });
  });

  it("fails with OPERATION_IN_PROGRESS and the time to wait while another operation runs, and is sent once", async () => {
    await using gateway = await startGateway();
    await gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 4 } });
    await gateway.calls();
    const { errors } = await gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 8 } });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "OPERATION_IN_PROGRESS",
      retryable: true,
      retryAfterMs: expect.any(Number),
    });
    expect(listWrites(await gateway.calls())).toHaveLength(1);
  });

  it.each([
    ["an input without a change", {}, "input"],
    ["an input with only null values", { vcpu: null, preLaunchScript: null }, "input"],
    ["a blank compose file", { dockerComposeFile: " \n" }, "input.dockerComposeFile"],
    [
      "a compose file and a script of more than 200 KiB in total",
      { dockerComposeFile: `services: {}\n# ${"x".repeat(150_000)}`, preLaunchScript: "é".repeat(30_000) },
      "input.dockerComposeFile",
    ],
    ["a shutdown timeout out of range", { shutdownTimeoutSeconds: 5 }, "input.shutdownTimeoutSeconds"],
    ["zero vCPUs", { vcpu: 0 }, "input.vcpu"],
    ["an invalid key name", { allowedEnvs: ["GOOD", "NOT-GOOD"] }, "input.allowedEnvs.1"],
    ["a repeated key", { allowedEnvs: ["A", "A"] }, "input.allowedEnvs.1"],
    [
      "a sealed environment that is too short",
      { env: { encrypted: { encryptedEnv: "ab".repeat(59) } } },
      "input.env.encrypted.encryptedEnv",
    ],
  ])("rejects %s and sends nothing", async (_name, fields, path) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(CONFIGURE, { input: { id: "web-phala", ...fields } });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path, message: expect.any(String) }],
    });
    expect(await gateway.calls()).toEqual([]);
  });

  it("accepts a compose file of exactly 200 KiB", async () => {
    await using gateway = await startGateway();
    const head = "services:\n  app:\n    image: nginx:1.27\n# ";
    const dockerComposeFile = head + "x".repeat(200 * 1024 - head.length);
    const { errors } = await gateway.ask(CONFIGURE, {
      input: { id: "web-phala", dockerComposeFile, preLaunchScript: "" },
    });
    expect(errors).toBeUndefined();
  });

  it("rejects an id that is not a valid identifier and sends nothing", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(CONFIGURE, { input: { id: "no such/cvm", vcpu: 1 } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", fields: [{ path: "input.id" }] });
    expect(await gateway.calls()).toEqual([]);
  });

  it("fails with NOT_FOUND for a CVM that the caller does not own", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(CONFIGURE, { input: { id: "nobodys-cvm", vcpu: 1 } });
    expect(errors?.[0]?.extensions.code).toBe("NOT_FOUND");
  });
});
