import { encodeFunctionData } from "viem";
import { describe, expect, it } from "vitest";
import { startChainGateway } from "../support/chain/chain-gateway.ts";
import {
  confirm,
  expectUntouched,
  listWrites,
  readState,
  requestHash,
  SCRIPT,
} from "../support/chain/chain-operations.ts";
import { APP_ABI } from "../support/chain/contracts.ts";
import { serve } from "../support/upstream/listen.ts";

describe("one signer as owner of the app contract, on an EVM node", { tags: ["anvil"] }, () => {
  it("the returned transaction registers the hash, and the change is applied", async () => {
    await using gateway = await startChainGateway();
    const required = await requestHash(gateway);
    const { transaction } = required;
    const data = encodeFunctionData({
      abi: APP_ABI,
      functionName: "addComposeHash",
      args: [`0x${required.composeHash}`],
    });
    expect(transaction).toEqual({ chainId: 31337, to: gateway.appContract, data, value: "0x0" });
    expect(required.prerequisites).toEqual([]);
    const hash = await gateway.anvil.send(gateway.ownerAccount, transaction);
    expect(await gateway.anvil.mined(hash)).toMatchObject({ status: "success" });
    const { data: confirmed } = await confirm(gateway, required.composeHash, hash);
    expect(confirmed.confirmCvmPatch).toEqual({
      status: "IN_PROGRESS",
      correlationId: expect.any(String),
    });
    expect(listWrites(await gateway.calls())).toEqual(["PATCH 465", "PATCH 202"]);
    await gateway.advance(11_000);
    expect(await readState(gateway)).toEqual({
      rawStatus: "running",
      inProgress: false,
      preLaunchScript: SCRIPT,
      compose: { hash: required.composeHash },
      onChain: {
        appContractAddress: gateway.appContract,
        chainId: 31337,
        owner: null,
        allowAnyDevice: false,
        composeHashAllowed: true,
        deviceAllowed: true,
      },
    });
  });

  it("a transaction of another account is reverted by the contract, and rejected by the gateway", async () => {
    await using gateway = await startChainGateway();
    const { transaction, composeHash } = await requestHash(gateway);
    const { anvil, strangerAccount } = gateway;
    await expect(
      anvil.node.simulateContract({
        address: gateway.appContract,
        abi: APP_ABI,
        functionName: "addComposeHash",
        args: [`0x${composeHash}`],
        account: strangerAccount,
      }),
    ).rejects.toThrow("OwnableUnauthorizedAccount");
    const { to, data } = transaction;
    const hash = await anvil.wallet.sendTransaction({ account: strangerAccount, to, data, gas: 100_000n });
    expect(await anvil.mined(hash)).toMatchObject({ status: "reverted" });
    const { errors } = await confirm(gateway, composeHash, hash);
    expect(errors?.[0]).toMatchObject({
      extensions: { code: "HASH_NOT_ALLOWED", upstream: { status: 465 } },
    });
    await expectUntouched(gateway);
  });

  it("a transaction that runs out of gas registers nothing", async () => {
    await using gateway = await startChainGateway();
    const { transaction, composeHash } = await requestHash(gateway);
    const { anvil, ownerAccount: account } = gateway;
    const { to, data } = transaction;
    const hash = await anvil.wallet.sendTransaction({ account, to, data, gas: 24_000n });
    expect(await anvil.mined(hash)).toMatchObject({ status: "reverted" });
    const { errors } = await confirm(gateway, composeHash, hash);
    expect(errors?.[0]?.extensions.code).toBe("HASH_NOT_ALLOWED");
    await expectUntouched(gateway);
  });

  it("a hash that is registered twice is confirmed by either transaction", async () => {
    await using gateway = await startChainGateway();
    const { transaction, composeHash } = await requestHash(gateway);
    const { anvil, ownerAccount } = gateway;
    const first = await anvil.send(ownerAccount, transaction);
    const second = await anvil.send(ownerAccount, transaction);
    await anvil.mined(second);
    expect(first).not.toBe(second);
    const { data } = await confirm(gateway, composeHash, second);
    expect(data.confirmCvmPatch.status).toBe("IN_PROGRESS");
    await gateway.advance(11_000);
    expect((await confirm(gateway, composeHash, first)).errors).toBeUndefined();
  });

  it("a hash that was registered and then removed is not allowed", async () => {
    await using gateway = await startChainGateway();
    const { transaction, composeHash } = await requestHash(gateway);
    const { anvil, ownerAccount } = gateway;
    const hash = await anvil.send(ownerAccount, transaction);
    const args = [`0x${composeHash}`] as const;
    const data = encodeFunctionData({ abi: APP_ABI, functionName: "removeComposeHash", args });
    await anvil.mined(await anvil.send(ownerAccount, { ...transaction, data }));
    const { errors } = await confirm(gateway, composeHash, hash);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "HASH_NOT_ALLOWED",
      retryable: true,
      upstream: {
        status: 465,
        suggestions: expect.arrayContaining([expect.stringContaining("addComposeHash")]),
      },
    });
    await expectUntouched(gateway);
  });

  it("the same call on the contract of another app registers nothing for this app", async () => {
    await using gateway = await startChainGateway();
    const { transaction, composeHash } = await requestHash(gateway);
    const { anvil, ownerAccount } = gateway;
    const to = await gateway.deployOther();
    const hash = await anvil.send(ownerAccount, { ...transaction, to });
    expect(await anvil.mined(hash)).toMatchObject({ status: "success" });
    const { errors } = await confirm(gateway, composeHash, hash);
    expect(errors?.[0]?.extensions.code).toBe("HASH_NOT_ALLOWED");
    await expectUntouched(gateway);
  });

  it("a pending transaction is rejected until it is mined", async () => {
    await using gateway = await startChainGateway();
    const { transaction, composeHash } = await requestHash(gateway);
    const { anvil, ownerAccount } = gateway;
    await anvil.control.setAutomine(false);
    const hash = await anvil.send(ownerAccount, transaction);
    const refused = await confirm(gateway, composeHash, hash);
    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: "HASH_NOT_ALLOWED",
      upstream: { status: 465 },
    });
    await anvil.control.mine({ blocks: 1 });
    expect((await confirm(gateway, composeHash, hash)).data.confirmCvmPatch.status).toBe("IN_PROGRESS");
    expect(listWrites(await gateway.calls())).toEqual(["PATCH 465", "PATCH 465", "PATCH 202"]);
  });

  it("waitForTransactionSeconds waits for the block and applies the change once", async () => {
    await using gateway = await startChainGateway();
    const { transaction, composeHash } = await requestHash(gateway);
    const { anvil, ownerAccount } = gateway;
    await anvil.control.setAutomine(false);
    const hash = await anvil.send(ownerAccount, transaction);
    const pending = confirm(gateway, composeHash, hash, { waitForTransactionSeconds: 20 });
    await new Promise((resolve) => setTimeout(resolve, 700));
    await anvil.control.mine({ blocks: 1 });
    expect((await pending).data.confirmCvmPatch.status).toBe("IN_PROGRESS");
    const writes = listWrites(await gateway.calls());
    expect(writes.filter((write) => write !== "PATCH 465")).toEqual(["PATCH 202"]);
    expect(writes.length).toBeGreaterThan(2);
  });

  it("a client that disconnects during the wait causes no update", async () => {
    await using gateway = await startChainGateway();
    const { transaction, composeHash } = await requestHash(gateway);
    const { anvil, ownerAccount } = gateway;
    await anvil.control.setAutomine(false);
    const transactionHash = await anvil.send(ownerAccount, transaction);
    await using front = await serve(gateway.app);
    const client = new AbortController();
    const input = { id: "chain-app", composeHash, transactionHash, waitForTransactionSeconds: 30 };
    const query = `mutation ($input: ConfirmCvmPatchInput!) { confirmCvmPatch(input: $input) { status } }`;
    const request = fetch(`${front.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": "sandbox-test" },
      body: JSON.stringify({ query, variables: { input } }),
      signal: client.signal,
    });
    setTimeout(() => client.abort(), 300);
    await expect(request).rejects.toThrow("aborted");
    await anvil.control.mine({ blocks: 1 });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(listWrites(await gateway.calls())).toEqual(["PATCH 465", "PATCH 465"]);
    await expectUntouched(gateway);
  });
});
