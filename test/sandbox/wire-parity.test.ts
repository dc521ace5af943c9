import * as sdk from "@phala/cloud";
import { describe, test } from "vitest";
import { startTestSandbox, type TestSandbox } from "../support/sandbox-client.ts";
import { type Client, DIFFERENCES, expectSame, mutation, recordGateway, recordSdk } from "./wire-writes.ts";

const YAML = "services:\n  app:\n    image: nginx:1.27.3\n";
const SCRIPT = "#!/bin/sh\necho hello\n";
const SEALED = "ab".repeat(80);
const WEB = "web-phala";

type Case = {
  name: string;
  input: object;
  sdk(client: Client): Promise<unknown>;
  difference?: string;
};

const CASES: readonly Case[] = [
  {
    name: "updateDockerCompose",
    input: { id: WEB, dockerComposeFile: YAML },
    sdk: (client) => sdk.updateDockerCompose(client, { id: WEB, docker_compose_file: YAML }),
  },
  {
    name: "updatePreLaunchScript",
    input: { id: WEB, preLaunchScript: SCRIPT },
    sdk: (client) => sdk.updatePreLaunchScript(client, { id: WEB, pre_launch_script: SCRIPT }),
  },
  {
    name: "updateCvmEnvs",
    input: {
      id: WEB,
      env: { encrypted: { encryptedEnv: SEALED, keys: ["A"] } },
      removeKeys: ["DATABASE_URL", "API_TOKEN"],
    },
    sdk: (client) => sdk.updateCvmEnvs(client, { id: WEB, encrypted_env: SEALED, env_keys: ["A"] }),
  },
  {
    name: "updateCvmEnvs",
    input: { id: WEB, env: { encrypted: { encryptedEnv: SEALED } } },
    sdk: (client) => sdk.updateCvmEnvs(client, { id: WEB, encrypted_env: SEALED }),
  },
  {
    name: "updateCvmResources",
    input: {
      id: WEB,
      vcpu: 2,
      memoryMb: 4096,
      diskSizeGb: 40,
      instanceType: "tdx.medium",
      allowRestart: true,
    },
    sdk: (client) =>
      sdk.updateCvmResources(client, {
        id: WEB,
        vcpu: 2,
        memory: 4096,
        disk_size: 40,
        instance_type: "tdx.medium",
        allow_restart: true,
      }),
    difference: "updateCvmResources",
  },
  {
    name: "updateCvmVisibility",
    input: { id: WEB, publicSysinfo: true, publicLogs: false },
    sdk: (client) => sdk.updateCvmVisibility(client, { id: WEB, public_sysinfo: true, public_logs: false }),
  },
  {
    name: "updateCvmVisibility",
    input: { id: WEB, publicSysinfo: true, publicLogs: false, publicTcbinfo: false },
    sdk: (client) =>
      sdk.updateCvmVisibility(client, {
        id: WEB,
        public_sysinfo: true,
        public_logs: false,
        public_tcbinfo: false,
      }),
  },
  {
    name: "updateOsImage",
    input: { id: WEB, osImageName: "dstack-0.5.6" },
    sdk: (client) => sdk.updateOsImage(client, { id: WEB, os_image_name: "dstack-0.5.6" }),
  },
  {
    name: "provisionCvmComposeFileUpdate",
    input: {
      id: WEB,
      appCompose: { dockerComposeFile: YAML, allowedEnvs: ["A"] },
      updateEnvVars: true,
      removeKeys: ["DATABASE_URL", "API_TOKEN"],
    },
    async sdk(client) {
      const { getHash: _hash, toString: _text, ...now } = await sdk.getCvmComposeFile(client, { id: WEB });
      await sdk.provisionCvmComposeFileUpdate(client, {
        id: WEB,
        app_compose: { ...now, docker_compose_file: YAML, allowed_envs: ["A"] },
        update_env_vars: true,
      });
    },
  },
  {
    name: "startCvm",
    input: { id: "stopped-app" },
    sdk: (client) => sdk.startCvm(client, { id: "stopped-app" }),
    difference: "a call without a body",
  },
  {
    name: "stopCvm",
    input: { id: WEB },
    sdk: (client) => sdk.stopCvm(client, { id: WEB }),
    difference: "a call without a body",
  },
  {
    name: "shutdownCvm",
    input: { id: WEB },
    sdk: (client) => sdk.shutdownCvm(client, { id: WEB }),
    difference: "a call without a body",
  },
  {
    name: "restartCvm",
    input: { id: WEB, force: true },
    sdk: (client) => sdk.restartCvm(client, { id: WEB, force: true }),
  },
  {
    name: "restartCvm",
    input: { id: WEB },
    sdk: (client) => sdk.restartCvm(client, { id: WEB }),
  },
  {
    name: "configureCvm",
    input: {
      id: WEB,
      dockerComposeFile: YAML,
      preLaunchScript: "",
      env: { encrypted: { encryptedEnv: SEALED, keys: ["A"] } },
      removeKeys: ["DATABASE_URL", "API_TOKEN"],
      publicLogs: false,
      publicSysinfo: false,
      publicTcbinfo: false,
      vcpu: 2,
      memoryMb: 4096,
      diskSizeGb: 40,
      image: "dstack-0.5.6",
      userConfig: "{}",
      shutdownTimeoutSeconds: 60,
      allowForceStop: true,
    },
    sdk: (client) =>
      sdk.patchCvm(client, {
        id: WEB,
        docker_compose_file: YAML,
        pre_launch_script: "",
        allowed_envs: ["A"],
        encrypted_env: SEALED,
        public_logs: false,
        public_sysinfo: false,
        public_tcbinfo: false,
        vcpu: 2,
        memory: 4096,
        disk_size: 40,
        image: "dstack-0.5.6",
        user_config: "{}",
        shutdown_timeout: 60,
        allow_force_stop: true,
      }),
  },
  {
    name: "configureCvm",
    input: { id: "web-base", preLaunchScript: SCRIPT, prepareOnly: true },
    sdk: (client) => sdk.patchCvm(client, { id: "web-base", pre_launch_script: SCRIPT, prepareOnly: true }),
  },
];

describe("the gateway sends the official SDK's write", () => {
  test.each(CASES)("$name $input", async ({ name, input, sdk: run, difference }) => {
    const gateway = await recordGateway((send) => send(mutation(name), input));
    expectSame(gateway, await recordSdk((client) => run(client)), difference);
  });

  test("an instance id", async () => {
    const instanceId = async (sandbox: TestSandbox) => {
      const { body } = await sandbox.call("GET", `/cvms/${WEB}`);
      return String((body as { instance_id: string }).instance_id);
    };
    await using sandbox = await startTestSandbox();
    const id = await instanceId(sandbox);
    const gateway = await recordGateway((send) => send(mutation("stopCvm"), { id: `instance_${id}` }));
    const expected = await recordSdk((client) => sdk.stopCvm(client, { instance_id: id }).catch(() => null));
    expectSame(
      gateway.map(DIFFERENCES["a call without a body"]?.adapt ?? ((write) => write)),
      expected.map(DIFFERENCES["a call without a body"]?.adapt ?? ((write) => write)),
      "an instance id",
    );
  });
});
