import * as sdk from "@phala/cloud";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { PENDING_MS, register, requestHash, rpc, SCRIPT } from "../support/chain/sandbox-chain.ts";
import { startTestSandbox } from "../support/sandbox-client.ts";

// Selectors as `cast sig` prints them.
const REMOVE_COMPOSE_HASH = "0x67b3f22c";
const ADD_DEVICE = "0x2a819728";

describe("the second phase of an on-chain change", () => {
  test("answers 466 for a hash without a first phase, and after 14 days", async () => {
    await using sandbox = await startTestSandbox();
    const { hash, app } = await requestHash(sandbox);
    const transactionHash = await register(sandbox, app, hash);
    const confirm = (composeHash: string) =>
      sandbox.call(
        "PATCH",
        "/cvms/web-base",
        {},
        { "x-compose-hash": composeHash, "x-transaction-hash": transactionHash },
      );
    expect(await confirm("ab".repeat(32))).toMatchObject({ status: 466, body: { error_code: "ERR-01-006" } });
    await sandbox.advance(PENDING_MS + 1);
    expect(await confirm(hash)).toMatchObject({ status: 466, body: { error_code: "ERR-01-006" } });
  });

  test("keeps a pending change for 14 days", async () => {
    await using sandbox = await startTestSandbox();
    const { hash: composeHash, app } = await requestHash(sandbox);
    await sandbox.advance(PENDING_MS);
    const transactionHash = await register(sandbox, app, composeHash);
    const confirmed = await sdk.confirmCvmPatch(sandbox.client, {
      id: "web-base",
      composeHash,
      transactionHash,
    });
    expect(confirmed.correlationId).toEqual(expect.any(String));
  });

  test("answers 467 for a transaction that is unknown or reverted, and for another event, hash, chain or contract", async () => {
    await using sandbox = await startTestSandbox();
    const { hash, app } = await requestHash(sandbox);
    await register(sandbox, app, hash);
    const accounts = z.array(z.string()).parse(await rpc(sandbox, "eth_accounts", []));
    const ethereum = await requestHash(sandbox, "web-ethereum");
    const neighbour = await sdk.getCvmInfo(sandbox.client, { id: "web-base-legacy-465" });
    const wrong = [
      `0x${"00".repeat(32)}`,
      "not a hash",
      await register(sandbox, app, hash, { from: accounts[1] }),
      await register(sandbox, app, hash, { value: "0x1" }),
      await register(sandbox, app, "ab".repeat(32)),
      await register(sandbox, ethereum.app, hash, { chainId: 1 }),
      await register(sandbox, `0x${neighbour.app_id}`, hash),
      z.string().parse(await rpc(sandbox, "eth_sendTransaction", [{ to: app, data: ADD_DEVICE + hash }])),
    ];
    for (const transactionHash of wrong) {
      const headers = { "x-compose-hash": hash, "x-transaction-hash": transactionHash };
      const answer = await sandbox.call("PATCH", "/cvms/web-base", {}, headers);
      expect(answer).toMatchObject({ status: 467, body: { error_code: "ERR-01-007" } });
    }
  });

  test.each([
    [[], 465, "ERR-01-005"],
    [["hash-468"], 468, "ERR-01-008"],
  ])(
    "with the behaviors %j answers %d while the contract does not allow the hash, before it looks at the transaction",
    async (behaviors, status, error_code) => {
      await using sandbox = await startTestSandbox();
      await sandbox.setBehaviors("web-base", behaviors);
      const { hash, app } = await requestHash(sandbox);
      const confirm = (transactionHash: string) =>
        sandbox.call(
          "PATCH",
          "/cvms/web-base",
          {},
          { "x-compose-hash": hash, "x-transaction-hash": transactionHash },
        );
      const refused = { status, body: { error_code } };
      expect(await confirm("already-registered")).toMatchObject(refused);
      expect(await confirm(`0x${"00".repeat(32)}`)).toMatchObject(refused);
      const transactionHash = await register(sandbox, app, hash);
      await rpc(sandbox, "eth_sendTransaction", [{ to: app, data: REMOVE_COMPOSE_HASH + hash }]);
      expect(await confirm(transactionHash)).toMatchObject(refused);
      await register(sandbox, app, hash);
      expect(await confirm(transactionHash)).toMatchObject({ status: 202 });
    },
  );

  test("accepts already-registered instead of a transaction hash for a registered hash", async () => {
    await using sandbox = await startTestSandbox();
    const { hash, app } = await requestHash(sandbox);
    await register(sandbox, app, hash);
    const again = await requestHash(sandbox);
    expect(again.hash).toBe(hash);
    const confirmed = await sdk.confirmCvmPatch(sandbox.client, {
      id: "web-base",
      composeHash: hash,
      transactionHash: "already-registered",
    });
    expect(confirmed.correlationId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("needs the same body in both phases of a single-purpose update, else answers 466", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    const update = { id: "web-ethereum", pre_launch_script: SCRIPT };
    const required = await sdk.updatePreLaunchScript(client, update);
    if (required.status !== "precondition_required")
      throw new Error("The first phase was not answered with 465.");
    const { compose_hash, app_id } = required;
    const transaction_hash = await register(sandbox, `0x${app_id}`, compose_hash, { chainId: "0x1" });
    const proof = { compose_hash, transaction_hash };
    const other = sdk.updatePreLaunchScript(client, {
      ...update,
      pre_launch_script: "#!/bin/sh\n",
      ...proof,
    });
    await expect(other).rejects.toMatchObject({ status: 466 });
    expect(await sdk.updatePreLaunchScript(client, { ...update, ...proof })).toMatchObject({
      status: "in_progress",
    });
  });
});
