import { describe, expect, it } from "vitest";
import { type BatchForm, type ChainState, startChainNode } from "../support/chain/chain-node.ts";
import { ask, createGateway } from "../support/gateway.ts";
import {
  COMMIT,
  COMMIT_UPDATE,
  CONFIGURE_FOR_WALLET,
  CONFIRM,
  UPDATE_COMPOSE,
} from "../support/mutations.ts";
import type { Reply } from "../support/upstream/reply.ts";
import { CVM, nameCall, precondition, startScripted } from "../support/upstream/scripted.ts";
import callVector from "../vectors/on-chain-call.json" with { type: "json" };

const HASH = "ab".repeat(32);
const DEVICE = "ef".repeat(32);
const OTHER_DEVICE = "12".repeat(32);
const TRANSACTION = "34".repeat(32);
const CHAIN = 8453;

const cvm = {
  ...CVM,
  kms_type: "base",
  kms_info: { chain_id: CHAIN, rpc_endpoint: "http://127.0.0.1:9/of-the-rest-api" },
  node_info: { device_id: DEVICE },
};
const all = { composeHashes: [HASH], devices: [DEVICE] };
/** The REST API has the opposite opinion, unless a test says otherwise. */
const denied = {
  compose_hash_allowed: false,
  allow_any_device: false,
  device_id_allowed: false,
  is_allowed: false,
  device_id: DEVICE,
};
const allowed = { ...denied, compose_hash_allowed: true, device_id_allowed: true, is_allowed: true };

type Setup = {
  readonly state: ChainState | null;
  readonly reported?: object;
  readonly write?: Reply;
  readonly form?: BatchForm;
};

const ACCEPTED: Reply = { status: 202, body: { status: "in_progress", correlation_id: "c" } };

/** Send a mutation through a gateway that reads a chain. Without a state, the node of the chain is dead. */
async function send(
  query: string,
  input: object,
  { state, reported = denied, write = ACCEPTED, form = "batch" }: Setup,
) {
  await using upstream = await startScripted(({ method, path }) => {
    if (path.endsWith("/is-allowed")) return { body: reported };
    return method === "GET" ? { body: cvm } : write;
  });
  await using node = await startChainNode(CHAIN, state ?? {}, form);
  const url = state === null ? "http://127.0.0.1:9" : node.url;
  const { app, close } = createGateway(upstream.url, { environment: { CHAIN_RPC_URLS: `${CHAIN}=${url}` } });
  const started = performance.now();
  const { data, errors } = await ask(app, query, { input: { id: CVM.id, ...input } }, { "x-api-key": "k" });
  const ms = performance.now() - started;
  await close();
  const calls = upstream.requests.map(nameCall);
  return { data, error: errors?.[0] ?? null, calls, requests: node.requests, ms };
}

const proof = { composeHash: HASH, transactionHash: TRANSACTION };
const READ = `GET /cvms/${CVM.id}`;
const LOOK = `POST /cvms/${CVM.id}/is-allowed`;
const isWrite = (call: string) => !call.startsWith("GET") && call !== LOOK;

/** Every mutation that checks before it sends. */
const writes = [
  ["confirmCvmPatch", CONFIRM, proof],
  ["commitCvmUpdate", COMMIT_UPDATE, { ...proof, token: "t" }],
  ["updateDockerCompose", UPDATE_COMPOSE, { ...proof, dockerComposeFile: "services: { a: { image: a } }\n" }],
  ["commitCvmComposeFileUpdate", COMMIT, { composeHash: HASH }],
] as const;

describe.each(writes)("the check of %s with CHAIN_RPC_URLS", (_name, query, input) => {
  it("believes the contract that hash and device are allowed, and does not ask the REST API", async () => {
    const { error, calls } = await send(query, input, { state: all });
    expect(error).toBeNull();
    expect(calls).not.toContain(LOOK);
    expect(calls.filter(isWrite)).toHaveLength(1);
  });

  it("sends nothing when the contract does not allow the device, whatever the REST API says", async () => {
    const setup = { state: { composeHashes: [HASH] }, reported: allowed };
    const { error, calls } = await send(query, input, setup);
    expect(error?.extensions).toMatchObject({
      code: "HASH_NOT_ALLOWED",
      prerequisites: [{ chainId: CHAIN, to: `0x${CVM.app_id}`, data: expect.stringContaining(DEVICE) }],
    });
    expect(calls.filter(isWrite)).toEqual([]);
  });

  it("looks in the contract for the device that the REST API means, if it is another one", async () => {
    const setup = {
      state: { composeHashes: [HASH], devices: [OTHER_DEVICE] },
      reported: { ...denied, device_id: OTHER_DEVICE },
    };
    const { error, calls } = await send(query, input, setup);
    expect(error).toBeNull();
    expect(calls.filter(isWrite)).toHaveLength(1);
  });

  it("asks the REST API when the node fails", async () => {
    const refused = await send(query, input, { state: null });
    expect(refused.error?.extensions.code).toBe("HASH_NOT_ALLOWED");
    expect(refused.calls.filter(isWrite)).toEqual([]);
    const sent = await send(query, input, { state: null, reported: allowed });
    expect(sent.error).toBeNull();
    expect(sent.calls.filter(isWrite)).toHaveLength(1);
  });
});

describe("the check of commitCvmComposeFileUpdate with CHAIN_RPC_URLS", () => {
  it("sends nothing when the contract does not have the hash, whatever the REST API says", async () => {
    const setup = { state: { devices: [DEVICE] }, reported: allowed };
    const { error, calls } = await send(COMMIT, { composeHash: HASH }, setup);
    expect(error?.extensions).toMatchObject({
      code: "HASH_NOT_ALLOWED",
      prerequisites: [{ data: expect.stringContaining(HASH) }],
    });
    expect(calls.filter(isWrite)).toEqual([]);
  });
});

describe("prerequisites with CHAIN_RPC_URLS", () => {
  const body = {
    ...precondition,
    device_id: DEVICE,
    onchain_status: { device_id_allowed: true },
  };

  it.each([
    ["the device", all, 0],
    ["every device", { allowAnyDevice: true }, 0],
    ["another device", { devices: [OTHER_DEVICE] }, 1],
  ])("come from a contract that allows %s", async (_name, state, count) => {
    const setup = { state, write: { status: 465, body } };
    const { data, calls } = await send(CONFIGURE_FOR_WALLET, { vcpu: 2 }, setup);
    expect(data.configureCvm.prerequisites).toHaveLength(count);
    expect(data.configureCvm.safeTransaction.transactions).toHaveLength(count + 1);
    expect(calls).toEqual([`PATCH /cvms/${CVM.id}`]);
  });

  it.each([
    ["the contract", { state: { composeHashes: [HASH] } }],
    ["the REST API", { state: null }],
  ])("name the device of %s if the answer of the first phase does not", async (_name, setup) => {
    const lean = { ...body, device_id: undefined, onchain_status: undefined };
    const answer = { ...setup, write: { status: 465, body: lean } };
    const { data } = await send(CONFIGURE_FOR_WALLET, { vcpu: 2 }, answer);
    const { prerequisites, safeTransaction } = data.configureCvm;
    expect(prerequisites).toMatchObject([{ data: expect.stringContaining(DEVICE) }]);
    expect(safeTransaction.transactions[0].contractInputsValues).toEqual({ deviceId: `0x${DEVICE}` });
  });

  it("come from the REST API when the node fails", async () => {
    const setup = { state: null, write: { status: 465, body: { ...body, onchain_status: null } } };
    const { data, calls } = await send(CONFIGURE_FOR_WALLET, { vcpu: 2 }, setup);
    expect(data.configureCvm.prerequisites).toHaveLength(1);
    expect(calls).toEqual([`PATCH /cvms/${CVM.id}`, LOOK]);
  });
});

describe("a node without batches", () => {
  it.each<[BatchForm]>([["one error"], ["HTTP 400"], ["text"]])(
    "that answers a batch with %s is asked one by one, and a batch is tried once only",
    async (form) => {
      await using upstream = await startScripted({ [READ]: { body: { ...cvm, compose_hash: HASH } } });
      await using node = await startChainNode(CHAIN, all, form);
      const environment = { CHAIN_RPC_URLS: `${CHAIN}=${node.url}` };
      const { app, close } = createGateway(upstream.url, { environment });
      const query = `{ cvm(id: "${CVM.id}") { onChain { composeHashAllowed deviceAllowed } } }`;
      for (let round = 0; round < 2; round += 1) {
        const { data } = await ask(app, query);
        expect(data.cvm.onChain).toEqual({ composeHashAllowed: true, deviceAllowed: true });
      }
      await close();
      expect(node.requests).toEqual([4, ...Array.from({ length: 8 }, () => 1)]);
    },
  );
});

describe("a transaction that is in a block but registered nothing", () => {
  const topics = [callVector.composeHashAddedTopic];
  const registered = { address: `0x${CVM.app_id}`, topics, data: `0x${HASH}` };
  const SAFE_FAILURE = "0x23428b18acfb3ea64b08dc0c1d296ea9c09702c09083ca5272e64d115b687d23";
  const safeFailure = {
    address: `0x${"5a".repeat(20)}`,
    topics: [SAFE_FAILURE],
    data: `0x${"0".repeat(128)}`,
  };
  const write: Reply = { status: 467, body: { error_code: "ERR-01-007", message: "not verified" } };

  const confirm = (receipt: object, waitForTransactionSeconds: number) =>
    send(
      CONFIRM,
      { ...proof, waitForTransactionSeconds },
      { state: { ...all, receipts: { [`0x${TRANSACTION}`]: receipt } }, write },
    );

  it.each([
    ["reverted", { status: "0x0", logs: [] }, "was reverted"],
    ["executed by a Safe whose call failed", { status: "0x1", logs: [safeFailure] }, "ExecutionFailure"],
    ["another one", { status: "0x1", logs: [] }, "no ComposeHashAdded event"],
    [
      "one for another hash",
      { status: "0x1", logs: [{ ...registered, data: `0x${"cd".repeat(32)}` }] },
      "no ComposeHashAdded event",
    ],
  ])("ends the wait, because it is %s", async (_name, receipt, text) => {
    const { error, calls, ms } = await confirm(receipt, 30);
    expect(error).toMatchObject({
      message: expect.stringContaining(text),
      extensions: { code: "TRANSACTION_NOT_VERIFIED", retryable: false, upstream: { status: 467 } },
    });
    expect(calls.filter(isWrite)).toHaveLength(1);
    expect(ms).toBeLessThan(5_000);
  });

  it.each([
    ["the event is there", { status: "0x1", logs: [safeFailure, registered] }],
    [
      "the event is there with an indexed argument",
      { status: "0x1", logs: [{ ...registered, topics: [...topics, `0x${HASH}`], data: "0x" }] },
    ],
    ["the logs cannot be read", { status: "0x1", logs: "none" }],
    ["the status cannot be read", { status: 1, logs: [] }],
  ])("is not assumed when %s: the gateway waits", async (_name, receipt) => {
    const { error, calls } = await confirm(receipt, 1);
    expect(error?.extensions).toMatchObject({ code: "TRANSACTION_NOT_VERIFIED", retryable: true });
    expect(calls.filter(isWrite).length).toBeGreaterThan(1);
  });
});
