import * as sdk from "@phala/cloud";
import { describe, expect, test } from "vitest";
import { startTestSandbox, type TestSandbox } from "../support/sandbox-client.ts";

const YAML = "services:\n  app:\n    image: nginx:1.27.3\n";
const WEB = { id: "web-phala" };

describe("the official SDK configures a CVM", () => {
  test("with patchCvm, which applies exactly the requested settings", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    const before = await sdk.getCvmInfo(client, WEB);
    const result = await sdk.patchCvm(client, {
      ...WEB,
      docker_compose_file: YAML,
      pre_launch_script: "",
      allowed_envs: ["NEW_KEY"],
      public_logs: false,
      public_sysinfo: false,
      public_tcbinfo: false,
      vcpu: 2,
      memory: 4096,
      disk_size: 30,
      image: "dstack-0.5.6",
      user_config: '{"hostname":"renamed"}',
      shutdown_timeout: 60,
      allow_force_stop: true,
    });
    expect(result.requiresOnChainHash).toBe(false);
    await sandbox.advance(10_000);
    const after = await sdk.getCvmInfo(client, WEB);
    expect(after).toMatchObject({
      status: "running",
      progress: null,
      resource: { instance_type: "tdx.medium", vcpu: 2, memory_in_gb: 4, disk_in_gb: 30 },
      os: { name: "dstack-0.5.6" },
      public_logs: false,
      public_sysinfo: false,
      public_tcbinfo: false,
      compose_file: { docker_compose_file: YAML, allowed_envs: ["NEW_KEY"] },
    });
    expect(after).not.toHaveProperty("compose_file.pre_launch_script");
    expect(composeHash(after)).not.toBe(composeHash(before));
    expect(await sdk.getCvmDockerCompose(client, WEB)).toBe(YAML);
    expect(await sdk.getCvmUserConfig(client, WEB)).toMatchObject({ hostname: "renamed" });
  });

  test.each([
    [
      "updateDockerCompose",
      (s: TestSandbox) => sdk.updateDockerCompose(s.client, { ...WEB, docker_compose_file: YAML }),
    ],
    [
      "updatePreLaunchScript",
      (s: TestSandbox) => sdk.updatePreLaunchScript(s.client, { ...WEB, pre_launch_script: "#!/bin/sh\n" }),
    ],
    [
      "updateCvmEnvs",
      (s: TestSandbox) => sdk.updateCvmEnvs(s.client, { ...WEB, encrypted_env: "ab".repeat(80) }),
    ],
    [
      "updateCvmResources",
      (s: TestSandbox) => sdk.updateCvmResources(s.client, { ...WEB, vcpu: 4, memory: 8192 }),
    ],
    [
      "updateCvmVisibility",
      (s: TestSandbox) =>
        sdk.updateCvmVisibility(s.client, { ...WEB, public_sysinfo: true, public_logs: false }),
    ],
    [
      "updateOsImage",
      (s: TestSandbox) => sdk.updateOsImage(s.client, { ...WEB, os_image_name: "dstack-0.5.6" }),
    ],
  ])("with %s, which starts one operation", async (_name, update) => {
    await using sandbox = await startTestSandbox();
    await update(sandbox);
    const info = await sdk.getCvmInfo(sandbox.client, WEB);
    const { body } = await sandbox.call("GET", "/cvms/web-phala/operations");
    expect(info).toMatchObject({ status: "shutting_down", progress: { target: "running" } });
    expect(body).toMatchObject({
      total: 1,
      items: [{ status: "in_progress", correlation_id: "progress" in info && info.progress?.correlation_id }],
    });
  });

  test("with the two-step compose-file update", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    const { getHash: _getHash, toString: _toString, ...current } = await sdk.getCvmComposeFile(client, WEB);
    const app_compose = { ...current, docker_compose_file: YAML };
    const same = await sandbox.call("POST", "/cvms/web-phala/compose_file/provision", current);
    expect(same.body).toMatchObject({ compose_unchanged: true });
    const provision = await sdk.provisionCvmComposeFileUpdate(client, { ...WEB, app_compose });
    expect(provision).toMatchObject({ compose_hash_registered: false, compose_unchanged: false });
    const pubkey = (await sdk.getCvmInfo(client, WEB)).kms_info;
    const encrypted_env = await sdk.encryptEnvVars(
      [{ key: "API_TOKEN", value: "two steps" }],
      pubkey && "encrypted_env_pubkey" in pubkey ? String(pubkey.encrypted_env_pubkey) : "",
    );
    await sdk.commitCvmComposeFileUpdate(client, {
      ...WEB,
      compose_hash: provision.compose_hash,
      encrypted_env,
      env_keys: ["DATABASE_URL", "API_TOKEN"],
      update_env_vars: true,
    });
    await sandbox.advance(10_000);
    expect(composeHash(await sdk.getCvmInfo(client, WEB))).toBe(provision.compose_hash);
    expect(await sdk.getCvmDockerCompose(client, WEB)).toBe(YAML);
    expect(await sandbox.guestEnv("web-phala")).toMatchObject({
      env: [{ key: "API_TOKEN", value: "two steps" }],
    });
  });

  test("with a partial app-compose, which needs a name and resets the keys that it omits", async () => {
    await using sandbox = await startTestSandbox();
    const path = "/cvms/private-logs/compose_file";
    const nameless = await sandbox.call("POST", `${path}/provision`, { docker_compose_file: YAML });
    expect(nameless).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ["body", "name"], type: "missing" }] },
    });
    const { body } = await sandbox.call("POST", `${path}/provision`, {
      name: "x",
      docker_compose_file: YAML,
    });
    const hash =
      typeof body === "object" && body !== null && "compose_hash" in body ? body.compose_hash : null;
    expect((await sandbox.call("PATCH", path, { compose_hash: hash })).status).toBe(202);
    await sandbox.advance(10_000);
    const info = await sdk.getCvmInfo(sandbox.client, { id: "private-logs" });
    expect(info).toMatchObject({
      public_logs: true,
      compose_file: { name: "x", allowed_envs: ["DATABASE_URL", "API_TOKEN"] },
    });
  });

  test("and watchCvmState follows a stop to its end", async () => {
    await using sandbox = await startTestSandbox();
    await sdk.stopCvm(sandbox.client, WEB);
    const events: string[] = [];
    const state = await sdk.watchCvmState(
      sandbox.client,
      { ...WEB, target: "stopped", interval: 5, maxRetries: 1 },
      {
        onEvent({ type }) {
          events.push(type);
          if (events.length === 1) void sandbox.advance(5_000);
        },
      },
    );
    expect(state.status).toBe("stopped");
    expect(events).toEqual(["state", "state", "complete"]);
  });
});

describe("the official SDK deploys a CVM", () => {
  test("and reads, updates, stops, starts, restarts and deletes it", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    const provision = await sdk.provisionCvm(client, {
      name: "my-new-app",
      compose_file: { docker_compose_file: YAML, allowed_envs: ["SECRET"] },
    });
    const encrypted_env = await sdk.encryptEnvVars(
      [{ key: "SECRET", value: "from the SDK" }],
      provision.app_env_encrypt_pubkey ?? "",
    );
    const vm = await sdk.commitCvmProvision(client, {
      app_id: provision.app_id ?? "",
      compose_hash: provision.compose_hash,
      encrypted_env,
    });
    expect(vm).toMatchObject({ name: "my-new-app", status: "creating", app_id: provision.app_id });
    const id = vm.vm_uuid ?? "";
    await sandbox.advance(10_000);
    expect(await sdk.getCvmInfo(client, { id })).toMatchObject({ status: "running", name: "my-new-app" });
    expect((await sdk.getCvmList(client)).items[0]).toMatchObject({ name: "my-new-app" });
    expect(await sandbox.guestEnv("my-new-app")).toMatchObject({
      env: [{ key: "SECRET", value: "from the SDK" }],
    });

    await sandbox.advance(1_000);
    await sdk.updateDockerCompose(client, { id, docker_compose_file: YAML.replace("1.27.3", "1.28.0") });
    await sandbox.advance(11_000);
    expect(await sdk.stopCvm(client, { id })).toMatchObject({ status: "stopping" });
    await sandbox.advance(2_000);
    expect(await sdk.getCvmState(client, { id })).toMatchObject({ status: "stopped" });
    expect(await sdk.startCvm(client, { id })).toMatchObject({ status: "starting" });
    await sandbox.advance(8_500);
    expect(await sdk.restartCvm(client, { id })).toMatchObject({ status: "restarting" });
    await sandbox.advance(11_000);
    expect(await sdk.shutdownCvm(client, { id })).toMatchObject({ status: "shutting_down" });
    await sandbox.advance(4_000);
    await sdk.deleteCvm(client, { id });
    await expect(sdk.getCvmInfo(client, { id })).rejects.toMatchObject({ status: 404 });
  });

  test("and its replica, which makes the app id ambiguous", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    const appId = (await sdk.getCvmInfo(client, WEB)).app_id ?? "";
    const replica = await sdk.replicateCvm(client, { ...WEB, node_id: 26 });
    expect(replica).toMatchObject({ app_id: appId, teepod_id: 26, name: "web-phala-replica-1" });
    const ambiguous = await sandbox.call("GET", `/cvms/app_${appId}`);
    expect(ambiguous).toMatchObject({ status: 400, body: { error_code: "ERR-03-010" } });
    expect(await sdk.getAppCvms(client, { appId })).toHaveLength(2);
  });
});

function composeHash(info: object): unknown {
  return "compose_hash" in info ? info.compose_hash : undefined;
}
