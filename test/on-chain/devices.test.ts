import { encodeFunctionData } from "viem";
import { describe, expect, it } from "vitest";
import { startChainGateway } from "../support/chain/chain-gateway.ts";
import { type ChainGateway, confirm, readState, requestHash } from "../support/chain/chain-operations.ts";
import { APP_ABI } from "../support/chain/contracts.ts";
import { CONFIGURE } from "../support/mutations.ts";

/** Remove the device of a CVM from the list of the contract. */
async function removeDevice({ anvil, appContract, deviceId, ownerAccount }: ChainGateway) {
  const data = encodeFunctionData({ abi: APP_ABI, functionName: "removeDevice", args: [`0x${deviceId}`] });
  await anvil.mined(await anvil.send(ownerAccount, { chainId: 31337, to: appContract, data, value: "0x0" }));
}

describe("the device of a CVM with an on-chain KMS", { tags: ["anvil"] }, () => {
  it("is registered first when the contract does not allow it, and the change then boots", async () => {
    await using gateway = await startChainGateway();
    const { anvil, appContract, deviceId, ownerAccount } = gateway;
    await removeDevice(gateway);
    const { prerequisites, transaction, composeHash, onChainStatus } = await requestHash(gateway);
    expect(onChainStatus).toBeNull();
    const data = encodeFunctionData({ abi: APP_ABI, functionName: "addDevice", args: [`0x${deviceId}`] });
    expect(prerequisites).toEqual([{ chainId: 31337, to: appContract, data, value: "0x0" }]);
    for (const request of prerequisites) await anvil.mined(await anvil.send(ownerAccount, request));
    const hash = await anvil.send(ownerAccount, transaction);
    await anvil.mined(hash);
    await confirm(gateway, composeHash, hash);
    await gateway.advance(11_000);
    expect(await readState(gateway)).toMatchObject({
      rawStatus: "running",
      compose: { hash: composeHash },
      onChain: { deviceAllowed: true, composeHashAllowed: true },
    });
  });

  it("gets no keys for another reason of the contract, which is the boot error", async () => {
    await using gateway = await startChainGateway();
    const { anvil, appContract: to, ownerAccount } = gateway;
    const data = encodeFunctionData({ abi: APP_ABI, functionName: "close", args: ["Closed until Monday"] });
    await anvil.mined(await anvil.send(ownerAccount, { chainId: 31337, to, data, value: "0x0" }));
    await gateway.ask(CONFIGURE, { input: { id: "chain-app", vcpu: 2 } });
    await gateway.advance(11_000);
    const answer = await gateway.ask('{ cvm(id: "chain-app") { rawStatus state { bootError } } }');
    expect(answer.data.cvm).toEqual({
      rawStatus: "exited",
      state: { bootError: "failed to request app keys: Closed until Monday" },
    });
  });

  it("is not sent a confirmation while it is not registered, and the refusal has the transaction", async () => {
    await using gateway = await startChainGateway();
    await removeDevice(gateway);
    expect(await readState(gateway)).toMatchObject({ onChain: { deviceAllowed: false } });
    const { transaction, composeHash } = await requestHash(gateway);
    const hash = await gateway.anvil.send(gateway.ownerAccount, transaction);
    await gateway.anvil.mined(hash);
    await gateway.calls();
    const { errors } = await confirm(gateway, composeHash, hash);
    const data = encodeFunctionData({
      abi: APP_ABI,
      functionName: "addDevice",
      args: [`0x${gateway.deviceId}`],
    });
    const addDevice = { chainId: 31337, to: gateway.appContract, data, value: "0x0" } as const;
    expect(errors?.[0]?.extensions).toMatchObject({ code: "HASH_NOT_ALLOWED", prerequisites: [addDevice] });
    expect((await gateway.calls()).map(({ method }) => method)).toEqual(["GET", "POST"]);
    await gateway.anvil.mined(await gateway.anvil.send(gateway.ownerAccount, addDevice));
    await confirm(gateway, composeHash, hash);
    await gateway.advance(11_000);
    expect(await readState(gateway)).toMatchObject({ rawStatus: "running" });
  });

  it("needs no registration when the contract allows any device, as is_allowed and prepareOnly report", async () => {
    await using gateway = await startChainGateway({ allowAnyDevice: true, allowDevice: false });
    expect(await requestHash(gateway)).toMatchObject({ prerequisites: [] });
    const listCalls = async () =>
      (await gateway.calls()).map(({ method, path }) => `${method} ${path.split("/").at(-1)}`);
    expect(await listCalls()).toEqual(["GET chain-app", "PATCH chain-app", "POST is-allowed"]);
    expect(await requestHash(gateway, { prepareOnly: true })).toMatchObject({
      prerequisites: [],
      onChainStatus: { deviceIdAllowed: true, composeHashAllowed: false, isAllowed: false },
    });
    expect(await listCalls()).toEqual(["GET chain-app", "GET compose_file", "PATCH chain-app"]);
    expect(await readState(gateway)).toMatchObject({
      onChain: { allowAnyDevice: true, deviceAllowed: true },
    });
  });

  it("is unknown, not denied, while the chain cannot be read", async () => {
    await using gateway = await startChainGateway();
    await gateway.anvil[Symbol.asyncDispose]();
    const required = await requestHash(gateway);
    expect(required.prerequisites).toBeNull();
    expect(required.transaction.to).toBe(gateway.appContract);
    const { data, errors } = await gateway.ask(
      `{ cvm(id: "chain-app") { onChain { chainId composeHashAllowed } } }`,
    );
    expect(data.cvm.onChain).toEqual({ chainId: 31337, composeHashAllowed: null });
    expect(errors).toBeUndefined();
  });

  it("is decided by no contract when the KMS is not on chain", async () => {
    await using gateway = await startChainGateway();
    const { data } = await gateway.ask(`{ cvm(id: "web-phala") { onChain { chainId } } }`);
    expect(data.cvm.onChain).toBeNull();
  });
});
