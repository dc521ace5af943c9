import * as sdk from "@phala/cloud";
import { describe, expect, test } from "vitest";
import { recoverEnvKeySigner } from "../../src/crypto/env-key-signature.ts";
import { startTestSandbox, type TestSandbox } from "../support/sandbox-client.ts";

type Pairs = { key: string; value: string }[];

async function update(sandbox: TestSandbox, env: Pairs, env_keys?: string[]): Promise<void> {
  const info = await sdk.getCvmInfo(sandbox.client, { id: "web-phala" });
  const kms = info.kms_info;
  const publicKey = kms && "encrypted_env_pubkey" in kms ? (kms.encrypted_env_pubkey ?? "") : "";
  const encrypted_env = await sdk.encryptEnvVars(env, publicKey);
  await sdk.updateCvmEnvs(sandbox.client, { id: "web-phala", encrypted_env, ...(env_keys && { env_keys }) });
  await sandbox.advance(11_000);
}

describe("the environment of the guest", () => {
  test("is replaced as a whole by an update", async () => {
    await using sandbox = await startTestSandbox();
    expect(await sandbox.guestEnv("web-phala")).toMatchObject({
      env: [{ key: "DATABASE_URL" }, { key: "API_TOKEN" }],
    });
    await update(sandbox, [{ key: "API_TOKEN", value: "ünï" }]);
    expect(await sandbox.guestEnv("web-phala")).toEqual({
      env: [{ key: "API_TOKEN", value: "ünï" }],
      allowed_envs: ["DATABASE_URL", "API_TOKEN"],
      boot_error: null,
    });
  });

  test("does not contain keys outside allowed_envs, and the boot succeeds", async () => {
    await using sandbox = await startTestSandbox();
    const env = [
      { key: "API_TOKEN", value: "kept" },
      { key: "9 not even a key", value: "dropped" },
    ];
    await update(sandbox, env);
    expect(await sandbox.guestEnv("web-phala")).toMatchObject({
      env: [{ key: "API_TOKEN", value: "kept" }],
      boot_error: null,
    });
  });

  test("stores the env_keys of an update as the new list of allowed keys", async () => {
    await using sandbox = await startTestSandbox();
    await update(sandbox, [{ key: "FRESH", value: "1" }], ["FRESH"]);
    expect(await sandbox.guestEnv("web-phala")).toMatchObject({
      env: [{ key: "FRESH", value: "1" }],
      allowed_envs: ["FRESH"],
    });
  });

  test.each([
    ["a value over 128 KiB", [{ key: "FRESH", value: "x".repeat(128 * 1024 + 1) }], ["FRESH"]],
    ["an invalid key", [{ key: "not-a-key", value: "1" }], ["not-a-key"]],
    ["more than 1,024 variables", many(1025), many(1025).map(({ key }) => key)],
  ])("with %s is accepted, and the CVM does not boot", async (_what, env, keys) => {
    await using sandbox = await startTestSandbox();
    await update(sandbox, env, keys);
    const state = await sdk.getCvmState(sandbox.client, { id: "web-phala" });
    expect(state).toMatchObject({
      status: "exited",
      boot_error: expect.stringContaining("invalid environment variables"),
    });
    expect(await sandbox.guestEnv("web-phala")).toMatchObject({ env: [] });
  });

  test("that was encrypted to another key is accepted, and the CVM does not boot", async () => {
    await using sandbox = await startTestSandbox();
    const encrypted_env = await sdk.encryptEnvVars([{ key: "API_TOKEN", value: "1" }], "09".padEnd(64, "0"));
    const answer = await sandbox.call("PATCH", "/cvms/web-phala/envs", { encrypted_env });
    expect(answer).toMatchObject({ status: 202, body: { allowed_envs_changed: false } });
    await sandbox.advance(10_000);
    const state = await sdk.getCvmState(sandbox.client, { id: "web-phala" });
    expect(state.boot_error).toContain("failed to decrypt");
  });

  test("is encrypted to a key that the KMS signs with the k256_pubkey of its list", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    const info = await sdk.getCvmInfo(client, { id: "web-base" });
    const app_id = info.app_id ?? "";
    const { public_key, signature } = await sdk.getAppEnvEncryptPubKey(client, {
      kms: "kms-base-prod9",
      app_id,
    });
    expect(info.kms_info).toMatchObject({ encrypted_env_pubkey: public_key });
    const signer = recoverEnvKeySigner({
      appId: Buffer.from(app_id, "hex"),
      publicKey: Buffer.from(public_key, "hex"),
      signature: Buffer.from(signature, "hex"),
    });
    const kms = await sandbox.call("GET", "/kms/kms-base-prod9");
    expect(kms.body).toMatchObject({ k256_pubkey: Buffer.from(signer).toString("hex") });
    await expect(sdk.getAppEnvEncryptPubKey(client, { kms: "base", app_id })).rejects.toMatchObject({
      status: 404,
    });
    const contracts = await sandbox.call("GET", "/kms/kms-base-prod9", undefined, {
      "x-phala-version": "2026-06-23",
    });
    expect(contracts.body).toMatchObject({
      id: expect.stringMatching(/^kc_/),
      chain_id: 8453,
      node_count: 1,
    });
  });
});

function many(count: number): Pairs {
  return Array.from({ length: count }, (_, index) => ({ key: `K${index}`, value: "" }));
}
