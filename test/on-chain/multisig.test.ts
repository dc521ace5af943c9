import type { Hex } from "viem";
import { describe, expect, it } from "vitest";
import { startChainGateway } from "../support/chain/chain-gateway.ts";
import {
  type ChainGateway,
  commit,
  listWrites,
  readState,
  requestHash,
  SCRIPT,
} from "../support/chain/chain-operations.ts";
import { APP_ABI, deployMultisig, MULTISIG_ABI } from "../support/chain/contracts.ts";
import { importSafeBatch } from "../support/chain/safe-transaction-builder.ts";
import { ask, createGateway } from "../support/gateway.ts";

/** Transfer the app contract to a two-of-three multisig of three other accounts. */
async function handOver({ anvil, appContract, ownerAccount: account, others }: ChainGateway): Promise<Hex> {
  const safe = await deployMultisig(anvil, others);
  const contract = { address: appContract, abi: APP_ABI, account } as const;
  const call = await anvil.wallet.writeContract({
    ...contract,
    functionName: "transferOwnership",
    args: [safe],
  });
  await anvil.mined(call);
  return safe;
}

/** Confirm a call as one member. The confirmation of the second member executes it. */
async function approve({ anvil }: ChainGateway, safe: Hex, account: Hex, call: { to: Hex; data: Hex }) {
  const args = [call.to, call.data] as const;
  const contract = { address: safe, abi: MULTISIG_ABI, account } as const;
  return anvil.wallet.writeContract({ ...contract, functionName: "approve", args });
}

/** Start another gateway process on the same REST API. */
function startOtherGateway({ sandbox }: ChainGateway) {
  const { app, close } = createGateway(sandbox.url);
  return {
    ask: (query: string, variables?: object, headers?: Readonly<Record<string, string>>) =>
      ask(app, query, { ...variables }, headers),
    [Symbol.asyncDispose]: close,
  };
}

describe("a multisig as owner of the app contract, on an EVM node", { tags: ["anvil"] }, () => {
  it("one gateway prepares, two members sign, and another gateway commits without a credential", async () => {
    await using gateway = await startChainGateway();
    const safe = await handOver(gateway);
    const first = startOtherGateway(gateway);
    const prepared = await requestHash(first, { prepareOnly: true });
    await first[Symbol.asyncDispose]();
    expect(prepared).toMatchObject({
      commitToken: expect.stringMatching(/./),
      commitUrl: expect.stringContaining(prepared.commitToken),
      apiCommitUrl: expect.stringMatching(/\/commit-update$/),
      onChainStatus: { composeHashAllowed: false, deviceIdAllowed: true, isAllowed: false },
    });
    await using second = startOtherGateway(gateway);
    const { token, composeHash } = { token: prepared.commitToken, composeHash: prepared.composeHash };
    const [call] = importSafeBatch(prepared.safeTransaction).calls;
    const [alice, bob] = gateway.others;
    if (!alice || !bob || !call) throw new Error("anvil has too few accounts");
    const early = await approve(gateway, safe, alice, call);
    await gateway.anvil.mined(early);
    const refused = await commit(second, { token, composeHash, transactionHash: early });
    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: "HASH_NOT_ALLOWED",
      upstream: { status: 465 },
    });

    const executed = await approve(gateway, safe, bob, call);
    await gateway.anvil.mined(executed);
    const { data } = await commit(second, { token, composeHash, transactionHash: executed });
    expect(data.commitCvmUpdate).toMatchObject({ status: "IN_PROGRESS", correlationId: expect.any(String) });
    expect(listWrites(await gateway.calls())).toEqual(["PATCH 465", "POST 465", "POST 202"]);
    await gateway.advance(11_000);
    expect(await readState(second)).toMatchObject({ rawStatus: "running", preLaunchScript: SCRIPT });

    const again = await commit(second, { token, composeHash, transactionHash: executed });
    expect(again.errors).toHaveLength(1);
    expect(JSON.stringify(again)).not.toContain(token);
  });

  it("the Safe file becomes the transactions in the Transaction Builder, and shows them by name", async () => {
    await using gateway = await startChainGateway({ allowAnyDevice: false, allowDevice: false });
    const { safeTransaction, transaction, prerequisites, composeHash, deviceId } = await requestHash(
      gateway,
      {
        prepareOnly: true,
      },
    );
    expect(safeTransaction).toMatchObject({ version: "1.0", chainId: "31337" });
    const { shown, calls, checksumIsValid } = importSafeBatch(safeTransaction);
    expect(shown).toEqual([
      { to: gateway.appContract, method: "addDevice", values: { deviceId: `0x${deviceId}` } },
      { to: gateway.appContract, method: "addComposeHash", values: { composeHash: `0x${composeHash}` } },
    ]);
    const { to } = transaction;
    expect(calls).toEqual([
      { to, value: "0", data: prerequisites[0].data },
      { to, value: "0", data: transaction.data },
    ]);
    expect(checksumIsValid).toBe(true);
  });
});

describe("a hash that is already registered", { tags: ["anvil"] }, () => {
  it("is applied by the commit token without a transaction", async () => {
    await using gateway = await startChainGateway();
    const first = await requestHash(gateway);
    await gateway.anvil.mined(await gateway.anvil.send(gateway.ownerAccount, first.transaction));
    const prepared = await requestHash(gateway, { prepareOnly: true });
    expect(prepared.onChainStatus).toEqual({
      composeHashAllowed: true,
      deviceIdAllowed: true,
      isAllowed: true,
    });
    expect(await readState(gateway)).toMatchObject({ inProgress: false, preLaunchScript: null });
    await gateway.calls();
    const { composeHash, commitToken: token } = prepared;
    const { data } = await commit(gateway, { token, composeHash, transactionHash: "0x" });
    expect(data.commitCvmUpdate.status).toBe("IN_PROGRESS");
    const [call, ...others] = await gateway.calls();
    expect(others).toEqual([]);
    expect(call).toMatchObject({
      method: "POST",
      status: 202,
      body: { compose_hash: composeHash, transaction_hash: "already-registered" },
    });
  });

  it("is rejected when the contract does not have it, and the token stays valid", async () => {
    await using gateway = await startChainGateway();
    const {
      composeHash,
      commitToken: token,
      transaction,
    } = await requestHash(gateway, { prepareOnly: true });
    const zeros = "00".repeat(32);
    const refused = await commit(gateway, { token, composeHash, transactionHash: zeros });
    expect(refused.errors?.[0]?.extensions.code).toBe("HASH_NOT_ALLOWED");
    await gateway.anvil.mined(await gateway.anvil.send(gateway.ownerAccount, transaction));
    const { data } = await commit(gateway, { token, composeHash, transactionHash: zeros });
    expect(data.commitCvmUpdate.status).toBe("IN_PROGRESS");
  });

  it("is awaited by a commit in the same way as by a confirmation", async () => {
    await using gateway = await startChainGateway();
    const {
      composeHash,
      commitToken: token,
      transaction,
    } = await requestHash(gateway, { prepareOnly: true });
    await gateway.anvil.control.setAutomine(false);
    const transactionHash = await gateway.anvil.send(gateway.ownerAccount, transaction);
    const input = { token, composeHash, transactionHash, waitForTransactionSeconds: 20 };
    const pending = commit(gateway, input);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await gateway.anvil.control.mine({ blocks: 1 });
    expect((await pending).data.commitCvmUpdate.status).toBe("IN_PROGRESS");
    const writes = listWrites(await gateway.calls());
    expect(writes).toEqual(["PATCH 465", "POST 465", "POST 202"]);
  });
});
