import { describe, expect, it } from "vitest";
import { startChainGateway } from "../support/chain/chain-gateway.ts";
import { type ChainGateway, listWrites, readState } from "../support/chain/chain-operations.ts";
import { importSafeBatch } from "../support/chain/safe-transaction-builder.ts";
import { COMMIT, PROVISION, UPDATE_COMPOSE, UPDATE_ENVS, UPDATE_SCRIPT } from "../support/mutations.ts";
import type { TransactionRequest } from "../support/parts/anvil.ts";

const YAML = "services:\n  web:\n    image: nginx:1.29\n";

const MUTATIONS = {
  updateDockerCompose: UPDATE_COMPOSE,
  updatePreLaunchScript: UPDATE_SCRIPT,
  updateCvmEnvs: UPDATE_ENVS,
};

const SEALED = "ab".repeat(80);

/** Each mutation with an input, and with another input. */
const cases = [
  ["updateDockerCompose", { dockerComposeFile: YAML }, { dockerComposeFile: `${YAML}# altered\n` }],
  ["updatePreLaunchScript", { preLaunchScript: "echo 1\n" }, { preLaunchScript: "echo 2\n" }],
  [
    "updateCvmEnvs",
    { env: { encrypted: { encryptedEnv: SEALED, keys: ["DATABASE_URL", "B", "A"] } } },
    { env: { encrypted: { encryptedEnv: SEALED, keys: ["DATABASE_URL", "B"] } } },
  ],
] as const;

type Required = { readonly composeHash: string; readonly transaction: TransactionRequest };

/** Register a hash and return the proof for the second phase. */
async function register({ anvil, ownerAccount }: ChainGateway, { composeHash, transaction }: Required) {
  const transactionHash = await anvil.send(ownerAccount, transaction);
  await anvil.mined(transactionHash);
  return { composeHash, transactionHash };
}

describe.each(cases)("%s on an EVM node", { tags: ["anvil"] }, (name, change, altered) => {
  const send = async (gateway: ChainGateway, input: object) => {
    const answer = await gateway.ask(MUTATIONS[name], { input: { id: "chain-app", ...input } });
    return { errors: answer.errors, result: answer.data?.[name] };
  };

  it("completes with the same input and the hashes, and waits for the block", async () => {
    await using gateway = await startChainGateway();
    const { result } = await send(gateway, change);
    expect(result).toMatchObject({ __typename: "OnChainHashRequired" });
    const { anvil, ownerAccount } = gateway;
    await anvil.control.setAutomine(false);
    const transactionHash = await anvil.send(ownerAccount, result.transaction);
    const { composeHash } = result;
    const proof = { composeHash, transactionHash, waitForTransactionSeconds: 20 };
    const pending = send(gateway, { ...change, ...proof });
    await new Promise((resolve) => setTimeout(resolve, 400));
    await anvil.control.mine({ blocks: 1 });
    expect((await pending).result).toMatchObject({ __typename: "InProgress", status: "IN_PROGRESS" });
    const writes = listWrites(await gateway.calls());
    expect(writes.filter((write) => write !== "PATCH 465")).toEqual(["PATCH 202"]);
    await gateway.advance(11_000);
    expect(await readState(gateway)).toMatchObject({ inProgress: false, compose: { hash: composeHash } });
  });

  it("names the hash of another input than the approved one, and applies nothing", async () => {
    await using gateway = await startChainGateway();
    const { result } = await send(gateway, change);
    const proof = await register(gateway, result);
    await gateway.calls();
    const { errors } = await send(gateway, { ...altered, ...proof });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "HASH_INVALID_OR_EXPIRED",
      retryable: false,
      composeHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(errors?.[0]?.extensions["composeHash"]).not.toBe(proof.composeHash);
    // The REST API, not the prediction, decides: a first phase without hashes applies nothing.
    expect(listWrites(await gateway.calls())).toEqual(["PATCH 465"]);
    expect(await readState(gateway)).toMatchObject({
      inProgress: false,
      compose: { hash: gateway.composeHash },
    });
    expect((await send(gateway, { ...change, ...proof })).result.status).toBe("IN_PROGRESS");
  });
});

describe("the two-step compose file update on an EVM node", { tags: ["anvil"] }, () => {
  it("returns the transaction to register, and boots after it is mined", async () => {
    await using gateway = await startChainGateway({ allowAnyDevice: true, allowDevice: false });
    const input = { id: "chain-app", appCompose: { dockerComposeFile: YAML } };
    const { data } = await gateway.ask(PROVISION, { input });
    const provision = data.provisionCvmComposeFileUpdate;
    expect(provision).toMatchObject({ composeHashRegistered: false, prerequisites: [] });
    const { calls } = importSafeBatch(provision.safeTransaction);
    expect(calls).toEqual([{ to: gateway.appContract, value: "0", data: provision.transaction.data }]);
    const commit = { input: { id: "chain-app", composeHash: provision.composeHash } };
    await gateway.calls();
    const early = await gateway.ask(COMMIT, commit);
    expect(early.errors?.[0]?.extensions).toMatchObject({
      code: "HASH_NOT_ALLOWED",
      prerequisites: [provision.transaction],
    });
    expect(listWrites(await gateway.calls())).toEqual([]);
    const { composeHash } = await register(gateway, provision);
    const committed = await gateway.ask(COMMIT, { input: { id: "chain-app", composeHash } });
    expect(committed.data.commitCvmComposeFileUpdate.status).toBe("IN_PROGRESS");
    await gateway.advance(11_000);
    expect(await readState(gateway)).toMatchObject({ rawStatus: "running", compose: { hash: composeHash } });
  });
});
