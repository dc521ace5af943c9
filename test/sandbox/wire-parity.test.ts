import * as sdk from "@phala/cloud";
import { describe, expect, test } from "vitest";
import { ask, createGateway, type JournalEntry } from "../support/gateway.ts";
import { startTestSandbox, type TestSandbox } from "../support/sandbox-client.ts";

type Client = TestSandbox["client"];
type Write = { method: string; path: string; headers: Record<string, string>; body: unknown };

const YAML = "services:\n  app:\n    image: nginx:1.27.3\n";
const SCRIPT = "#!/bin/sh\necho hello\n";
const SEALED = "ab".repeat(80);
const WEB = "web-phala";
const TX = `0x${"12".repeat(32)}`;

/** Headers of a write that the REST API reads. */
const HEADERS = ["content-type", "x-compose-hash", "x-transaction-hash", "x-prepare-only"];

/** Intended differences between the writes of the gateway and of the SDK, with their reason. */
const DIFFERENCES: Readonly<Record<string, { reason: string; adapt(sdkWrite: Write): Write }>> = {
  updateCvmResources: {
    reason: "The SDK sends the identifier among the resources.",
    adapt({ body, ...rest }) {
      const { id: _id, ...resources } = body as Record<string, unknown>;
      return { ...rest, body: resources };
    },
  },
  "a call without a body": {
    reason: "The SDK sends a content type with requests that have no body.",
    adapt({ headers, ...rest }) {
      const { "content-type": _type, ...others } = headers;
      return { ...rest, headers: others };
    },
  },
  "an instance id": {
    reason:
      "The SDK sends any 40 hex digits as an app id, also those of an instance. The gateway tells them apart.",
    adapt: (write) => ({ ...write, path: write.path.replace("app_", "instance_") }),
  },
};

function pickWrites(journal: readonly Omit<JournalEntry, "query">[]): Write[] {
  return (
    journal
      // `is-allowed` reads, although it is a POST.
      .filter(({ method, path }) => method !== "GET" && !path.endsWith("/is-allowed"))
      .map(({ method, path, headers, body }) => ({
        method,
        path,
        headers: Object.fromEntries(
          HEADERS.flatMap((name) => {
            const value = headers[name];
            return value === undefined ? [] : [[name, value.replace(/;\s*charset=utf-8$/i, "")]];
          }),
        ),
        body,
      }))
  );
}

async function recordGateway(
  run: (send: (query: string, input: object) => Promise<unknown>) => Promise<unknown>,
) {
  await using sandbox = await startTestSandbox();
  const { app, close } = createGateway(sandbox.url);
  try {
    await run(async (query, input) => {
      const answer = await ask(app, query, { input }, { "x-api-key": "sandbox-demo" });
      expect(answer.errors).toBeUndefined();
      return answer.data;
    });
    return pickWrites((await sandbox.journal()) as JournalEntry[]);
  } finally {
    await close();
  }
}

async function recordSdk(run: (client: Client, sandbox: TestSandbox) => Promise<unknown>) {
  await using sandbox = await startTestSandbox();
  await run(sandbox.client, sandbox);
  return pickWrites((await sandbox.journal()) as JournalEntry[]);
}

function mutation(name: string, selection = "__typename"): string {
  const type = { startCvm: "CvmRef", stopCvm: "CvmRef", shutdownCvm: "CvmRef" }[name];
  const input = `${type ?? `${name[0]?.toUpperCase()}${name.slice(1)}`}Input`;
  return `mutation ($input: ${input}!) { ${name}(input: $input) { ${selection} } }`;
}

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

/** Compare one write. The order of keys in a JSON body does not matter. */
function expectSame(gateway: readonly Write[], sdkWrites: readonly Write[], difference: string | undefined) {
  expect(sdkWrites).toHaveLength(1);
  const known = difference === undefined ? undefined : DIFFERENCES[difference];
  if (known !== undefined)
    expect(gateway, "the difference is listed but does not exist").not.toEqual(sdkWrites);
  expect(gateway).toEqual(known === undefined ? sdkWrites : sdkWrites.map((write) => known.adapt(write)));
}

describe("the gateway sends the official SDK's write", () => {
  test.each(CASES)("$name $input", async ({ name, input, sdk: run, difference }) => {
    const gateway = await recordGateway((send) => send(mutation(name), input));
    expectSame(gateway, await recordSdk((client) => run(client)), difference);
  });

  test("commitCvmComposeFileUpdate", async () => {
    const env = { encryptedEnv: SEALED, keys: ["DATABASE_URL", "API_TOKEN"] };
    const gateway = await recordGateway(async (send) => {
      const data = await send(mutation("provisionCvmComposeFileUpdate", "composeHash"), {
        id: WEB,
        appCompose: { dockerComposeFile: YAML },
      });
      const { composeHash } = (data as { provisionCvmComposeFileUpdate: { composeHash: string } })
        .provisionCvmComposeFileUpdate;
      await send(mutation("commitCvmComposeFileUpdate"), { id: WEB, composeHash, env, updateEnvVars: true });
    });
    const expected = await recordSdk(async (client) => {
      const { getHash: _hash, toString: _text, ...now } = await sdk.getCvmComposeFile(client, { id: WEB });
      const { compose_hash } = await sdk.provisionCvmComposeFileUpdate(client, {
        id: WEB,
        app_compose: { ...now, docker_compose_file: YAML },
      });
      await sdk.commitCvmComposeFileUpdate(client, {
        id: WEB,
        compose_hash,
        encrypted_env: env.encryptedEnv,
        env_keys: env.keys,
        update_env_vars: true,
      });
    });
    expect(gateway).toHaveLength(2);
    expect(gateway).toEqual(expected);
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

type WireProof = { readonly compose_hash: string; readonly transaction_hash: string };

// The second phase fails without a transaction, but the request is sent.
describe("the gateway sends the official SDK's second phase", () => {
  const id = "web-base";
  const cases = [
    {
      name: "updateDockerCompose",
      input: { id, dockerComposeFile: YAML },
      sdk: (client: Client, wireProof: WireProof) =>
        sdk.updateDockerCompose(client, { id, docker_compose_file: YAML, ...wireProof }),
    },
    {
      name: "updatePreLaunchScript",
      input: { id, preLaunchScript: SCRIPT },
      sdk: (client: Client, wireProof: WireProof) =>
        sdk.updatePreLaunchScript(client, { id, pre_launch_script: SCRIPT, ...wireProof }),
    },
    {
      name: "updateCvmEnvs",
      input: {
        id,
        env: { encrypted: { encryptedEnv: SEALED, keys: ["A"] } },
        removeKeys: ["DATABASE_URL", "API_TOKEN"],
      },
      sdk: (client: Client, wireProof: WireProof) =>
        sdk.updateCvmEnvs(client, { id, encrypted_env: SEALED, env_keys: ["A"], ...wireProof }),
    },
    {
      name: "confirmCvmPatch",
      input: { id },
      sdk: (client: Client, wireProof: WireProof) =>
        sdk.confirmCvmPatch(client, { id, composeHash: wireProof.compose_hash, transactionHash: TX }),
    },
  ];
  test.each(cases)("$name", async ({ name, input, sdk: run }) => {
    await using sandbox = await startTestSandbox();
    const { app, close } = createGateway(sandbox.url);
    const send = (of: string, value: object, selection?: string) =>
      ask(app, mutation(of, selection), { input: value }, { "x-api-key": "sandbox-demo" });
    // The hash must be that of the input. The gateway rejects another one before it sends a request.
    const first = name === "confirmCvmPatch" ? "updateDockerCompose" : name;
    const asked = name === "confirmCvmPatch" ? { id, dockerComposeFile: YAML } : input;
    const { data } = await send(first, asked, "... on OnChainHashRequired { composeHash }");
    const composeHash: string = data[first].composeHash;
    const answer = await send(name, { ...input, composeHash, transactionHash: TX });
    await close();
    expect(answer.errors?.[0]?.extensions.code).toBe("HASH_NOT_ALLOWED");
    const [phaseOne, ...gateway] = pickWrites((await sandbox.journal()) as JournalEntry[]);
    expect(phaseOne?.method).toBe("PATCH");
    const wireProof = { compose_hash: composeHash, transaction_hash: TX };
    const expected = await recordSdk((client) => run(client, wireProof).catch(() => null));
    expectSame(gateway, expected, undefined);
  });
});
