import * as sdk from "@phala/cloud";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { PENDING_MS, prepareScript, register, SCRIPT } from "../support/chain/sandbox-chain.ts";
import { startTestSandbox } from "../support/sandbox-client.ts";

describe("a prepared change", () => {
  test("is committed once with its token, without a key", async () => {
    await using sandbox = await startTestSandbox();
    const prepared = await prepareScript(sandbox);
    expect(prepared.onchainStatus).toEqual({
      compose_hash_allowed: false,
      device_id_allowed: true,
      is_allowed: false,
    });
    const token = prepared.commitToken ?? "";
    const page = await fetch(prepared.commitUrl ?? "");
    expect([page.status, await page.json()]).toMatchObject([200, { compose_hash: prepared.composeHash }]);

    const stranger = sdk.createClient({ apiKey: "no-key", baseURL: sandbox.url });
    const commit = (transactionHash: string) =>
      sdk.commitCvmUpdate(stranger, {
        id: "web-base",
        token,
        composeHash: prepared.composeHash,
        transactionHash,
      });
    await expect(commit("already-registered")).rejects.toMatchObject({ status: 465 });
    const transactionHash = await register(sandbox, `0x${prepared.appId}`, prepared.composeHash);
    await expect(commit(`0x${"00".repeat(32)}`)).rejects.toMatchObject({ status: 467 });
    expect(await commit(transactionHash)).toMatchObject({ status: "in_progress" });
    await sandbox.advance(11_000);
    await expect(commit(transactionHash)).rejects.toMatchObject({
      status: 466,
      message: expect.stringContaining("used"),
    });
  });

  test("cannot be committed for another CVM or another hash", async () => {
    await using sandbox = await startTestSandbox();
    const prepared = await prepareScript(sandbox);
    const token = prepared.commitToken;
    const wrong = [
      await sandbox.call("POST", "/cvms/web-ethereum/commit-update", { token }),
      await sandbox.call("POST", "/cvms/web-base/commit-update", { token, compose_hash: "ab".repeat(32) }),
      await sandbox.call("POST", "/cvms/web-base/commit-update", { token: "guess" }),
    ];
    expect(wrong.map((answer) => answer.status)).toEqual([466, 466, 466]);
  });

  test("has a token that is a UUID, and ends when another change is prepared for its CVM", async () => {
    await using sandbox = await startTestSandbox();
    const prepare = async (id: string) => {
      const { composeHash, appId, commitToken } = await prepareScript(sandbox, id);
      await register(sandbox, `0x${appId}`, composeHash, { chainId: id === "web-base" ? 8453 : 1 });
      return z.string().parse(commitToken);
    };
    const commit = (id: string, token: string) =>
      sandbox.call("POST", `/cvms/${id}/commit-update`, { token, transaction_hash: "already-registered" });
    const first = await prepare("web-base");
    const neighbour = await prepare("web-ethereum");
    const second = await prepare("web-base");
    expect(z.uuid().parse(first)).not.toBe(z.uuid().parse(second));
    expect(await commit("web-base", first)).toMatchObject({
      status: 466,
      body: { error_code: "ERR-01-006" },
    });
    expect(await sdk.getCvmInfo(sandbox.client, { id: "web-base" })).toMatchObject({ progress: null });
    expect(await commit("web-base", second)).toMatchObject({ status: 202 });
    expect(await commit("web-ethereum", neighbour)).toMatchObject({ status: 202 });
  });

  test("expires after 14 days, although its hash is registered", async () => {
    await using sandbox = await startTestSandbox();
    const prepared = await prepareScript(sandbox);
    await register(sandbox, `0x${prepared.appId}`, prepared.composeHash);
    await sandbox.advance(PENDING_MS + 1);
    const { commitToken: token } = prepared;
    expect(await sandbox.call("POST", "/cvms/web-base/commit-update", { token })).toMatchObject({
      status: 466,
    });
  });

  test("does not exist for an off-chain KMS: the update is applied immediately", async () => {
    await using sandbox = await startTestSandbox();
    const result = await sdk.patchCvm(sandbox.client, {
      id: "web-phala",
      pre_launch_script: SCRIPT,
      prepareOnly: true,
    });
    expect(result.requiresOnChainHash).toBe(false);
  });
});
