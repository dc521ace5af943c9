import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { COMMIT_UPDATE, CONFIGURE, listWrites } from "../support/mutations.ts";

const sealed = "ab".repeat(60);

describe("commitCvmUpdate", () => {
  it("completes a prepared change by its token, once and without a credential", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(CONFIGURE, {
      input: { id: "web-base", publicLogs: false, prepareOnly: true },
    });
    const prepared = data.configureCvm;
    expect(prepared).toMatchObject({
      __typename: "OnChainHashRequired",
      commitToken: expect.stringMatching(/./),
      commitUrl: expect.stringMatching(/^http/),
      apiCommitUrl: expect.stringContaining("commit-update"),
      onChainStatus: { composeHashAllowed: false, isAllowed: false },
    });
    const [patch] = (await gateway.calls()).filter(({ method }) => method !== "GET");
    expect(patch?.headers).toMatchObject({ "x-prepare-only": "true" });

    const transactionHash = await gateway.sendTransaction(prepared.transaction);
    const { data: cvm } = await gateway.ask('{ cvm(id: "web-base") { id inProgress } }');
    expect(cvm.cvm.inProgress).toBe(false);
    const input = {
      id: cvm.cvm.id,
      token: prepared.commitToken,
      composeHash: prepared.composeHash,
      transactionHash,
    };
    await gateway.calls();
    const committed = await gateway.ask(COMMIT_UPDATE, { input }, {});
    expect(committed.errors).toBeUndefined();
    expect(committed.data.commitCvmUpdate).toMatchObject({
      status: "IN_PROGRESS",
      correlationId: expect.any(String),
    });
    const [commit] = (await gateway.calls()).filter(({ method }) => method !== "GET");
    expect(commit).toMatchObject({
      method: "POST",
      path: `/cvms/${cvm.cvm.id}/commit-update`,
      body: {
        token: prepared.commitToken,
        compose_hash: prepared.composeHash,
        transaction_hash: transactionHash,
      },
    });

    await gateway.advance(15_000);
    const again = await gateway.ask(COMMIT_UPDATE, { input });
    expect(again.errors).toHaveLength(1);
    expect(JSON.stringify(again)).not.toContain(prepared.commitToken);
  });

  it.each(["web-phala", "web-legacy"])(
    "configureCvm rejects prepareOnly when the KMS is not on chain, because the change would apply immediately (%s)",
    async (id) => {
      await using gateway = await startGateway();
      const { errors } = await gateway.ask(CONFIGURE, {
        input: { id, publicLogs: false, prepareOnly: true },
      });
      expect(errors?.[0]?.extensions).toMatchObject({
        code: "BAD_USER_INPUT",
        fields: [{ path: "input.prepareOnly" }],
      });
      expect(listWrites(await gateway.calls())).toEqual([]);
    },
  );

  it.each([
    ["resources only", { vcpu: 8 }],
    ["guest settings only", { userConfig: "{}" }],
    ["a compose setting that keeps its value", { publicLogs: true, vcpu: 8 }],
    ["a sealed environment with the same keys", { env: { encrypted: { encryptedEnv: sealed } } }],
  ])(
    "configureCvm rejects prepareOnly for a change that needs no hash, because it would apply immediately: %s",
    async (_name, fields) => {
      await using gateway = await startGateway();
      const { errors } = await gateway.ask(CONFIGURE, {
        input: { id: "web-base", prepareOnly: true, ...fields },
      });
      expect(errors?.[0]?.extensions).toMatchObject({
        code: "BAD_USER_INPUT",
        fields: [{ path: "input.prepareOnly" }],
      });
      expect(listWrites(await gateway.calls())).toEqual([]);
    },
  );
});
