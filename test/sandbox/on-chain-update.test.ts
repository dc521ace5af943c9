import * as sdk from "@phala/cloud";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { register, requestHash, SCRIPT } from "../support/chain/sandbox-chain.ts";
import { startTestSandbox } from "../support/sandbox-client.ts";

describe("a CVM with an on-chain KMS", () => {
  test("applies a change only after its hash was registered and confirmed", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    const { hash, app, kmsInfo } = await requestHash(sandbox);
    expect(kmsInfo).toMatchObject({ chain_id: 8453, slug: "kms-base-prod9" });
    expect(await sdk.getCvmInfo(client, { id: "web-base" })).toMatchObject({
      status: "running",
      progress: null,
    });
    const transactionHash = await register(sandbox, app, hash);
    const confirmed = await sdk.confirmCvmPatch(client, {
      id: "web-base",
      composeHash: hash,
      transactionHash,
    });
    await sandbox.advance(10_000);
    const info = await sdk.getCvmInfo(client, { id: "web-base" });
    expect(info).toMatchObject({
      status: "running",
      compose_hash: hash,
      compose_file: { pre_launch_script: SCRIPT },
    });
    const { body } = await sandbox.call("GET", "/cvms/web-base/operations");
    expect(body).toMatchObject({ items: [{ correlation_id: confirmed.correlationId, status: "completed" }] });
  });

  test("applies in the second phase also the settings outside the hash", async () => {
    await using sandbox = await startTestSandbox();
    const patch = { pre_launch_script: SCRIPT, vcpu: 4, user_config: "kept" };
    const { body } = await sandbox.call("PATCH", "/cvms/web-base", patch);
    const details = z
      .object({ details: z.array(z.object({ field: z.string(), value: z.unknown() })) })
      .parse(body);
    const value = (field: string) =>
      z.string().parse(details.details.find((one) => one.field === field)?.value);
    const transactionHash = await register(sandbox, `0x${value("app_id")}`, value("compose_hash"));
    const headers = {
      "x-compose-hash": `0x${value("compose_hash").toUpperCase()}`,
      "x-transaction-hash": transactionHash,
    };
    expect(await sandbox.call("PATCH", "/cvms/web-base", {}, headers)).toMatchObject({ status: 202 });
    await sandbox.advance(10_000);
    expect(await sdk.getCvmInfo(sandbox.client, { id: "web-base" })).toMatchObject({ resource: { vcpu: 4 } });
  });

  test("needs no transaction for settings outside the compose file", async () => {
    await using sandbox = await startTestSandbox();
    const result = await sdk.patchCvm(sandbox.client, { id: "web-base", vcpu: 4 });
    expect(result.requiresOnChainHash).toBe(false);
  });

  test("keeps several pending changes, and the one confirmed last wins", async () => {
    await using sandbox = await startTestSandbox();
    const first = await requestHash(sandbox, "web-base", "#!/bin/sh\necho first\n");
    const second = await requestHash(sandbox, "web-base", "#!/bin/sh\necho second\n");
    for (const { hash, app } of [second, first]) {
      const transactionHash = await register(sandbox, app, hash);
      await sdk.confirmCvmPatch(sandbox.client, { id: "web-base", composeHash: hash, transactionHash });
      await sandbox.advance(11_000);
    }
    expect(await sdk.getCvmPreLaunchScript(sandbox.client, { id: "web-base" })).toContain("first");
  });

  test("named web-base-legacy-465 answers the flat 465 of older servers", async () => {
    await using sandbox = await startTestSandbox();
    const answer = await sandbox.call("PATCH", "/cvms/web-base-legacy-465", { pre_launch_script: SCRIPT });
    expect(answer.status).toBe(465);
    expect(answer.body).toEqual({
      message: expect.any(String),
      compose_hash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      app_id: expect.stringMatching(/^0x[0-9a-f]{40}$/),
      device_id: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      kms_info: expect.objectContaining({ chain_id: 8453 }),
    });
  });

  test.each([
    ["web-base-lean-465", { chain_id: 8453, kms_contract_address: expect.stringMatching(/^0x/) }],
    ["web-base-bare-465", undefined],
  ])("named %s answers a 465 with little or nothing about the KMS", async (name, kmsInfo) => {
    await using sandbox = await startTestSandbox();
    const { body } = await sandbox.call("PATCH", `/cvms/${name}`, { pre_launch_script: SCRIPT });
    const { details } = z
      .object({ details: z.array(z.object({ field: z.string(), value: z.unknown() })) })
      .parse(body);
    expect(details.find(({ field }) => field === "kms_info")?.value).toEqual(kmsInfo);
    expect(details.map(({ field }) => field)).toEqual(
      expect.arrayContaining(["compose_hash", "app_id", "device_id"]),
    );
  });

  test("needs a hash for an environment only when the list of keys changes, and reads the list from the body", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    const id = "web-base";
    const encrypted_env = "ab".repeat(80);
    const changed = { id, encrypted_env, env_keys: ["ONLY_ONE"] };
    const required = await sdk.updateCvmEnvs(client, changed);
    if (required.status !== "precondition_required")
      throw new Error("The first phase was not answered with 465.");
    const { compose_hash, app_id } = required;
    const transaction_hash = await register(sandbox, `0x${app_id}`, compose_hash);
    const confirmed = await sdk.updateCvmEnvs(client, { ...changed, compose_hash, transaction_hash });
    expect(confirmed).toMatchObject({ status: "in_progress", allowed_envs_changed: true });
    await sandbox.advance(11_000);
    const same = await sdk.updateCvmEnvs(client, { id, encrypted_env, env_keys: ["ONLY_ONE"] });
    expect(same).toMatchObject({ status: "in_progress", allowed_envs_changed: false });
  });

  test("does not boot on a device that the contract does not allow", async () => {
    await using sandbox = await startTestSandbox();
    const id = "web-base-locked-device";
    const result = await sdk.patchCvm(sandbox.client, { id, vcpu: 2 });
    await sandbox.advance(10_000);
    const state = await sdk.getCvmState(sandbox.client, { id });
    expect(state).toMatchObject({
      status: "exited",
      boot_error: expect.stringContaining("Device not allowed"),
    });
    const { body } = await sandbox.call("GET", `/cvms/${id}/operations`);
    const correlation = result.requiresOnChainHash ? null : result.correlationId;
    expect(body).toMatchObject({
      items: [
        { correlation_id: correlation, status: "failed", error_message: expect.stringContaining("Device") },
      ],
    });
  });
});
