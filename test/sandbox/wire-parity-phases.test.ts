import * as sdk from "@phala/cloud";
import { describe, expect, test } from "vitest";
import { ask, createGateway, type JournalEntry } from "../support/gateway.ts";
import { startTestSandbox } from "../support/sandbox-client.ts";
import { type Client, expectSame, mutation, pickWrites, recordGateway, recordSdk } from "./wire-writes.ts";

const YAML = "services:\n  app:\n    image: nginx:1.27.3\n";
const SCRIPT = "#!/bin/sh\necho hello\n";
const SEALED = "ab".repeat(80);
const WEB = "web-phala";
const TX = `0x${"12".repeat(32)}`;

describe("the gateway sends the official SDK's two-step update", () => {
  test("commitCvmComposeFileUpdate", async () => {
    const env = { encryptedEnv: SEALED, keys: ["DATABASE_URL", "API_TOKEN"] };
    const gateway = await recordGateway(async (send) => {
      const data = await send(mutation("provisionCvmComposeFileUpdate", "composeHash"), {
        id: WEB,
        appCompose: { dockerComposeFile: YAML },
        updateEnvVars: true,
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
        update_env_vars: true,
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
