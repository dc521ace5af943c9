import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { CONFIGURE, listWrites, writeMutation } from "../support/mutations.ts";
import vector from "../vectors/on-chain-call.json" with { type: "json" };

const CONFIRM = writeMutation(
  "confirmCvmPatch",
  "status correlationId cvm { progress { target correlationId } }",
);

describe("confirmCvmPatch", () => {
  it.each(["web-base", "web-ethereum", "web-base-legacy-465"])(
    "configureCvm returns OnChainHashRequired with a ready transaction when the hash is not registered (%s)",
    async (id) => {
      await using gateway = await startGateway();
      const { data: known } = await gateway.ask(
        "query ($id: ID!) { cvm(id: $id) { appId kms { chainId contractAddress } } }",
        { id },
      );
      const { data, errors } = await gateway.ask(CONFIGURE, { input: { id, publicLogs: false } });
      expect(errors).toBeUndefined();
      const required = data.configureCvm;
      expect(required).toMatchObject({
        __typename: "OnChainHashRequired",
        why: expect.stringMatching(/./),
        composeHash: expect.stringMatching(/^[0-9a-f]{64}$/),
        appId: known.cvm.appId,
        kms: { chainId: known.cvm.kms.chainId, contractAddress: known.cvm.kms.contractAddress },
        commitToken: null,
        transaction: {
          chainId: known.cvm.kms.chainId,
          to: `0x${known.cvm.appId}`,
          data: `0xdfc77223${required.composeHash}`,
          value: "0x0",
        },
      });
      expect(required.transaction.to).not.toBe(required.kms.contractAddress);
      expect(listWrites(await gateway.calls())).toHaveLength(1);
    },
  );

  it("configureCvm builds the same call data as other implementations", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(CONFIGURE, { input: { id: "web-base", publicLogs: false } });
    const { composeHash, transaction } = data.configureCvm;
    expect(transaction.data).toBe(vector.addComposeHashData.replace(vector.composeHash, composeHash));
  });

  it("applies the change after the wallet has sent the transaction", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(CONFIGURE, { input: { id: "web-base", publicLogs: false, vcpu: 4 } });
    const { composeHash, transaction } = data.configureCvm;
    const transactionHash = await gateway.sendTransaction(transaction);
    await gateway.calls();
    const answer = await gateway.ask(CONFIRM, {
      input: { id: "web-base", composeHash: `0x${composeHash}`, transactionHash },
    });
    expect(answer.errors).toBeUndefined();
    expect(answer.data.confirmCvmPatch).toMatchObject({
      status: "IN_PROGRESS",
      cvm: { progress: { target: "running" } },
    });
    const [patch] = (await gateway.calls()).filter(({ method }) => method === "PATCH");
    expect(patch).toMatchObject({
      method: "PATCH",
      path: "/cvms/web-base",
      body: {},
      headers: { "x-compose-hash": composeHash, "x-transaction-hash": transactionHash },
    });
    await gateway.advance(15_000);
    const after = await gateway.ask(
      '{ cvm(id: "web-base") { visibility { publicLogs } resources { vcpu } compose { hash } } }',
    );
    expect(after.data.cvm).toEqual({
      visibility: { publicLogs: false },
      resources: { vcpu: 4 },
      compose: { hash: composeHash },
    });
  });

  it("fails with the code that names the reason: unknown hash, unregistered hash, unverified transaction, expired hash", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(CONFIGURE, { input: { id: "web-base", publicLogs: false } });
    const { composeHash, transaction } = data.configureCvm;
    const confirm = async (input: object) =>
      (await gateway.ask(CONFIRM, { input: { id: "web-base", ...input } })).errors?.[0]?.extensions;
    const unknown = "11".repeat(32);
    expect(await confirm({ composeHash: unknown, transactionHash: unknown })).toMatchObject({
      code: "HASH_INVALID_OR_EXPIRED",
      upstream: { status: 466 },
    });
    expect(await confirm({ composeHash, transactionHash: unknown })).toMatchObject({
      code: "HASH_NOT_ALLOWED",
      retryable: true,
      upstream: { status: 465 },
    });
    await gateway.sendTransaction(transaction);
    expect(await confirm({ composeHash, transactionHash: unknown })).toMatchObject({
      code: "TRANSACTION_NOT_VERIFIED",
      retryable: true,
      upstream: { status: 467 },
    });
    await gateway.advance(14 * 24 * 3_600_000 + 1);
    expect(await confirm({ composeHash, transactionHash: unknown })).toMatchObject({
      code: "HASH_INVALID_OR_EXPIRED",
    });
  });

  it.each(["", "00".repeat(32)])(
    "sends already-registered in place of the transaction hash %j, and the hash is checked in the contract only",
    async (transactionHash) => {
      await using gateway = await startGateway();
      const { data } = await gateway.ask(CONFIGURE, { input: { id: "web-base", publicLogs: false } });
      const { composeHash, transaction } = data.configureCvm;
      const input = { id: "web-base", composeHash, transactionHash };
      const early = await gateway.ask(CONFIRM, { input });
      expect(early.errors?.[0]?.extensions).toMatchObject({ code: "HASH_NOT_ALLOWED", retryable: true });
      await gateway.sendTransaction(transaction);
      await gateway.calls();
      const answer = await gateway.ask(CONFIRM, { input });
      expect(answer.data.confirmCvmPatch).toMatchObject({ status: "IN_PROGRESS" });
      const [patch] = (await gateway.calls()).filter(({ method }) => method === "PATCH");
      expect(patch?.headers).toMatchObject({
        "x-compose-hash": composeHash,
        "x-transaction-hash": "already-registered",
      });
    },
  );

  it.each([
    ["composeHash", { composeHash: "ab", transactionHash: "11".repeat(32) }],
    ["transactionHash", { composeHash: "11".repeat(32), transactionHash: "11" }],
  ])("rejects a %s that is not 32 bytes and sends nothing", async (name, input) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(CONFIRM, { input: { id: "web-base", ...input } });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: `input.${name}` }],
    });
    expect(await gateway.calls()).toEqual([]);
  });
});
