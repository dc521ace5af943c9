import { describe, expect, it } from "vitest";
import { startChainGateway } from "../support/chain/chain-gateway.ts";
import { confirm, expectUntouched, readState, requestHash } from "../support/chain/chain-operations.ts";

const PENDING_MS = 14 * 24 * 3_600_000;

describe("the proof of a registered hash, on an EVM node", { tags: ["anvil"] }, () => {
  it("a reorganisation that drops the transaction invalidates its proof", async () => {
    await using gateway = await startChainGateway();
    const { transaction, composeHash } = await requestHash(gateway);
    const { anvil, ownerAccount } = gateway;
    const before = await anvil.control.snapshot();
    const dropped = await anvil.send(ownerAccount, transaction);
    await anvil.mined(dropped);
    await anvil.control.revert({ id: before });
    const refused = await confirm(gateway, composeHash, dropped);
    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: "HASH_NOT_ALLOWED",
      upstream: { status: 465 },
    });
    await expectUntouched(gateway);
    // Mine it again with another fee, so that it is a different transaction.
    const { to, data } = transaction;
    const again = await anvil.wallet.sendTransaction({ account: ownerAccount, to, data, gas: 200_000n });
    await anvil.mined(again);
    expect((await confirm(gateway, composeHash, again)).data.confirmCvmPatch.status).toBe("IN_PROGRESS");
  });

  it("a hash expires 14 days after the first phase, even if the contract allows it", async () => {
    await using gateway = await startChainGateway();
    const { transaction, composeHash } = await requestHash(gateway);
    const hash = await gateway.anvil.send(gateway.ownerAccount, transaction);
    await gateway.anvil.mined(hash);
    await gateway.advance(PENDING_MS + 1_000);
    const { errors } = await confirm(gateway, composeHash, hash);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "HASH_INVALID_OR_EXPIRED",
      upstream: { status: 466, suggestions: [expect.stringContaining("again")] },
    });
    await expectUntouched(gateway);
  });

  it("of two pending changes the one that is confirmed last is applied, even if it is the older one", async () => {
    await using gateway = await startChainGateway();
    const { anvil, ownerAccount } = gateway;
    const older = await requestHash(gateway, { preLaunchScript: "#!/bin/sh\necho older\n" });
    const newer = await requestHash(gateway, { preLaunchScript: "#!/bin/sh\necho newer\n" });
    expect(older.composeHash).not.toBe(newer.composeHash);
    const olderHash = await anvil.send(ownerAccount, older.transaction);
    const newerHash = await anvil.send(ownerAccount, newer.transaction);
    await anvil.mined(newerHash);
    const crossed = await confirm(gateway, older.composeHash, newerHash);
    expect(crossed.errors?.[0]?.extensions.code).toBe("TRANSACTION_NOT_VERIFIED");
    await confirm(gateway, newer.composeHash, newerHash);
    const busy = await confirm(gateway, older.composeHash, olderHash);
    expect(busy.errors?.[0]?.extensions.code).toBe("OPERATION_IN_PROGRESS");
    await gateway.advance(11_000);
    expect(await readState(gateway)).toMatchObject({ compose: { hash: newer.composeHash } });
    await confirm(gateway, older.composeHash, olderHash);
    await gateway.advance(11_000);
    expect(await readState(gateway)).toMatchObject({
      rawStatus: "running",
      compose: { hash: older.composeHash },
    });
  });
});
