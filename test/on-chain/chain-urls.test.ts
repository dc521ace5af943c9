import { encodeFunctionData } from "viem";
import { describe, expect, it } from "vitest";
import { type AppSetup, startChainGateway } from "../support/chain/chain-gateway.ts";
import {
  type ChainGateway,
  confirm,
  expectUntouched,
  listWrites,
  readState,
  requestHash,
  SCRIPT,
} from "../support/chain/chain-operations.ts";
import { APP_ABI } from "../support/chain/contracts.ts";
import { ask, createGateway, startGateway } from "../support/gateway.ts";
import { PLAN } from "../support/mutations.ts";
import { serve } from "../support/upstream/listen.ts";

const DEAD_URL = "http://127.0.0.1:9/v2/hunter2";

/** A gateway that reads the chain itself, next to the one of the fixture that does not. */
function readingGateway(gateway: ChainGateway, url: string, logs: string[] = []) {
  const environment = { CHAIN_RPC_URLS: `1=${DEAD_URL},31337=${url}` };
  const { app, close } = createGateway(gateway.sandbox.url, { environment, logs });
  return {
    ask: (query: string, variables?: object, headers?: Readonly<Record<string, string>>) =>
      ask(app, query, { ...variables }, headers),
    [Symbol.asyncDispose]: close,
  };
}

/** Count the JSON-RPC batches that reach a node. */
async function startCountingProxy(nodeUrl: string) {
  const batches: { method: string }[][] = [];
  const server = await serve((request, response) => {
    void (async () => {
      const chunks = await Array.fromAsync(request);
      const body = Buffer.concat(chunks).toString();
      batches.push(JSON.parse(body));
      const headers = { "content-type": "application/json" };
      const answer = await fetch(nodeUrl, { method: "POST", headers, body });
      response.writeHead(answer.status, headers).end(await answer.text());
    })();
  });
  return { ...server, batches, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

async function callContract({ anvil, appContract, ownerAccount }: ChainGateway, data: `0x${string}`) {
  const hash = await anvil.send(ownerAccount, { chainId: 31337, to: appContract, data, value: "0x0" });
  expect(await anvil.mined(hash)).toMatchObject({ status: "success" });
}

const giveUp = encodeFunctionData({ abi: APP_ABI, functionName: "renounceOwnership" });

function plan(gateway: Pick<ChainGateway, "ask">, input: object = { preLaunchScript: SCRIPT }) {
  return gateway.ask(PLAN, { input: { id: "chain-app", ...input } });
}

/** Send the registration from an account that does not own the contract. @returns its hash and the compose hash */
async function sendReverted(gateway: ChainGateway) {
  const { transaction, composeHash } = await requestHash(gateway);
  const { anvil, strangerAccount: account } = gateway;
  const { to, data } = transaction;
  const hash = await anvil.wallet.sendTransaction({ account, to, data, gas: 100_000n });
  expect(await anvil.mined(hash)).toMatchObject({ status: "reverted" });
  await gateway.calls();
  return { hash, composeHash };
}

describe("a gateway with CHAIN_RPC_URLS", { tags: ["anvil"] }, () => {
  it("reads the owner and the flags from the contract, in one batch and without an upstream call for them", async () => {
    await using gateway = await startChainGateway();
    await using node = await startCountingProxy(gateway.anvil.url);
    await using reading = readingGateway(gateway, node.url);
    expect(await readState(reading)).toMatchObject({
      onChain: {
        owner: gateway.ownerAccount.toLowerCase(),
        allowAnyDevice: false,
        composeHashAllowed: true,
        deviceAllowed: true,
      },
    });
    expect((await gateway.calls()).map(({ path }) => path)).not.toContainEqual(
      expect.stringMatching(/is-allowed|device-allowlist/),
    );
    expect(node.batches.map((batch) => batch.map(({ method }) => method))).toEqual([
      ["eth_call", "eth_call", "eth_call", "eth_call", "eth_chainId"],
    ]);
  });

  it.each<[AppSetup, object]>([
    [{ allowDevice: false }, { allowAnyDevice: false, deviceAllowed: false }],
    [
      { allowDevice: false, allowAnyDevice: true },
      { allowAnyDevice: true, deviceAllowed: true },
    ],
  ])("reports what the contract of %j allows", async (setup, flags) => {
    await using gateway = await startChainGateway(setup);
    await using reading = readingGateway(gateway, gateway.anvil.url);
    expect(await readState(reading)).toMatchObject({ onChain: flags });
  });

  it("reports false for a compose hash that was removed from the contract", async () => {
    await using gateway = await startChainGateway();
    const args = [`0x${gateway.composeHash}`] as const;
    await callContract(
      gateway,
      encodeFunctionData({ abi: APP_ABI, functionName: "removeComposeHash", args }),
    );
    await using reading = readingGateway(gateway, gateway.anvil.url);
    expect(await readState(reading)).toMatchObject({ onChain: { composeHashAllowed: false } });
  });

  it("warns in the plan of a contract whose owner is the zero address, if a hash would be required", async () => {
    await using gateway = await startChainGateway();
    await using reading = readingGateway(gateway, gateway.anvil.url);
    const codes = (answer: Awaited<ReturnType<typeof plan>>) =>
      answer.data.planCvmConfiguration.problems.map(({ code }: { code: string }) => code);
    expect(codes(await plan(reading))).not.toContain("OWNER_MISSING");
    await callContract(gateway, giveUp);
    expect((await plan(reading)).data.planCvmConfiguration).toMatchObject({
      hashAlreadyAllowed: false,
      problems: [{ severity: "WARNING", code: "OWNER_MISSING", field: null }],
    });
    expect(codes(await plan(reading, { vcpu: 2 }))).not.toContain("OWNER_MISSING");
    expect(codes(await plan(gateway))).not.toContain("OWNER_MISSING");
  });

  it("ends the wait for a transaction that was reverted, with the advice to send it again", async () => {
    await using gateway = await startChainGateway();
    await using reading = readingGateway(gateway, gateway.anvil.url);
    const { hash, composeHash } = await sendReverted(gateway);
    const started = performance.now();
    const { errors } = await confirm(reading, composeHash, hash, { waitForTransactionSeconds: 60 });
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining("was reverted"),
      extensions: {
        code: "TRANSACTION_NOT_VERIFIED",
        retryable: false,
        upstream: { status: 465, suggestions: [expect.any(String), expect.stringContaining("Send")] },
      },
    });
    expect(listWrites(await gateway.calls())).toEqual(["PATCH 465"]);
    await expectUntouched(gateway);
  });

  it("waits for a transaction that is not mined yet", async () => {
    await using gateway = await startChainGateway();
    await using reading = readingGateway(gateway, gateway.anvil.url);
    const { transaction, composeHash } = await requestHash(gateway);
    const { anvil, ownerAccount } = gateway;
    await anvil.control.setAutomine(false);
    const hash = await anvil.send(ownerAccount, transaction);
    const confirmed = confirm(reading, composeHash, hash, { waitForTransactionSeconds: 20 });
    setTimeout(() => void anvil.control.mine({ blocks: 1 }), 1_000);
    expect((await confirmed).data?.confirmCvmPatch.status).toBe("IN_PROGRESS");
  });

  it("reports unknown, never false, while the node does not answer, and neither logs nor returns its URL", async () => {
    await using gateway = await startChainGateway();
    const logs: string[] = [];
    await using reading = readingGateway(gateway, DEAD_URL, logs);
    const { data, errors } = await reading.ask(
      `{ cvm(id: "chain-app") { onChain { chainId owner allowAnyDevice composeHashAllowed deviceAllowed } } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.cvm.onChain).toEqual({
      chainId: 31337,
      owner: null,
      allowAnyDevice: null,
      composeHashAllowed: null,
      deviceAllowed: null,
    });
    const planned = await plan(reading);
    expect(planned.data.planCvmConfiguration).toMatchObject({ hashAlreadyAllowed: null, problems: [] });
    const { hash, composeHash } = await sendReverted(gateway);
    const refused = await confirm(reading, composeHash, hash);
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: "HASH_NOT_ALLOWED", retryable: true });
    const output = JSON.stringify([data, planned, refused, ...logs]);
    expect(output).toContain("The node of chain 31337");
    expect(output).not.toMatch(/hunter2|127\.0\.0\.1:9\b/);
  });

  it("waits for a silent node for 3 seconds at most", async () => {
    await using gateway = await startChainGateway();
    await using silent = await serve((request) => void request.resume());
    await using reading = readingGateway(gateway, silent.url);
    const started = performance.now();
    const { data, errors } = await reading.ask(`{ cvm(id: "chain-app") { name onChain { owner } } }`);
    expect(performance.now() - started).toBeLessThan(4_500);
    expect({ data, errors }).toEqual({ data: { cvm: { name: "chain-app", onChain: { owner: null } } } });
  });

  it("does not use a node that belongs to another chain", async () => {
    await using gateway = await startChainGateway();
    const environment = { CHAIN_RPC_URLS: `31337=${gateway.sandbox.origin}/__sandbox/rpc/1` };
    const { app, close } = createGateway(gateway.sandbox.url, { environment });
    const { data } = await ask(app, `{ cvm(id: "chain-app") { onChain { owner composeHashAllowed } } }`);
    await close();
    expect(data.cvm.onChain).toEqual({ owner: null, composeHashAllowed: null });
  });
});

describe("a gateway with CHAIN_RPC_URLS on the sandbox's own chain", () => {
  it("reads the contract of each CVM of a list in one batch", async () => {
    await using gateway = await startGateway();
    await using node = await startCountingProxy(`${gateway.sandbox.origin}/__sandbox/rpc/8453`);
    const environment = { CHAIN_RPC_URLS: `8453=${node.url}` };
    const { app, close } = createGateway(gateway.sandbox.url, { environment });
    const query = "{ cvms(first: 20) { nodes { onChain { chainId owner composeHashAllowed } } } }";
    const { data, errors } = await ask(app, query);
    await close();
    expect(errors).toBeUndefined();
    const contracts = data.cvms.nodes
      .map(({ onChain }: { onChain: { chainId: number } | null }) => onChain)
      .filter((onChain: { chainId: number } | null) => onChain?.chainId === 8453);
    expect(contracts.length).toBeGreaterThan(1);
    for (const contract of contracts) {
      expect(contract).toMatchObject({
        owner: expect.stringMatching(/^0x[0-9a-f]{40}$/),
        composeHashAllowed: true,
      });
    }
    expect(node.batches).toHaveLength(1);
  });
});
