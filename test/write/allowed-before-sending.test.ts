import { encodeFunctionData } from "viem";
import { describe, expect, it } from "vitest";
import { APP_ABI } from "../support/chain/contracts.ts";
import { ask, createGateway } from "../support/gateway.ts";
import {
  COMMIT,
  COMMIT_UPDATE,
  CONFIRM,
  UPDATE_COMPOSE,
  UPDATE_ENVS,
  UPDATE_SCRIPT,
} from "../support/mutations.ts";
import type { Reply } from "../support/upstream/reply.ts";
import { CVM, nameCall, startScripted } from "../support/upstream/scripted.ts";

const HASH = "ab".repeat(32);
const DEVICE = "ef".repeat(32);
const CONTRACT = `0x${CVM.app_id}` as const;

const onChain = { ...CVM, kms_type: "base", kms_info: { chain_id: 8453 } };
const allowed = {
  app_contract_address: CONTRACT,
  device_id: DEVICE,
  compose_hash_allowed: true,
  allow_any_device: false,
  device_id_allowed: true,
  is_allowed: true,
  error: null,
};
const noDevice = { ...allowed, device_id_allowed: false, is_allowed: false };
const noHash = { ...allowed, compose_hash_allowed: false, is_allowed: false };

const toRequest = (data: string) => ({ chainId: 8453, to: CONTRACT, data, value: "0x0" });
const ADD_DEVICE = toRequest(
  encodeFunctionData({ abi: APP_ABI, functionName: "addDevice", args: [`0x${DEVICE}`] }),
);
const ADD_HASH = toRequest(
  encodeFunctionData({ abi: APP_ABI, functionName: "addComposeHash", args: [`0x${HASH}`] }),
);

const proof = { id: CVM.id, composeHash: HASH, transactionHash: "12".repeat(32) };

/** Send a mutation to an upstream whose contract has these flags, one after another. */
async function send(
  query: string,
  input: object,
  flags: readonly (object | Reply)[],
  { cvm = onChain, headers = { "x-api-key": "k" } }: { cvm?: object; headers?: Record<string, string> } = {},
) {
  let looks = 0;
  await using upstream = await startScripted((request) => {
    if (!request.path.endsWith("/is-allowed")) {
      if (request.method !== "GET")
        return { status: 202, body: { status: "in_progress", correlation_id: "c" } };
      return { body: cvm };
    }
    const reply = flags[Math.min(looks++, flags.length - 1)] ?? {};
    return "body" in reply ? reply : { body: reply };
  });
  const { app, close } = createGateway(upstream.url);
  const { errors } = await ask(app, query, { input }, headers);
  await close();
  return { error: errors?.[0] ?? null, calls: upstream.requests.map(nameCall) };
}

const unknown = [
  ["the chain cannot be read", { ...noDevice, error: "RPC timeout" }],
  ["the endpoint does not exist", { status: 404, body: { detail: "Not Found" } }],
  ["the credential may not ask", { status: 403, body: { detail: "no" } }],
  ["the answer has no form", { body: "<html>" }],
  ["the flags are missing", { compose_hash_allowed: true }],
] as const;

const LOOK = `POST /cvms/${CVM.id}/is-allowed`;

describe("confirmCvmPatch", () => {
  it("looks at the device first, and applies the change when it is allowed", async () => {
    const { error, calls } = await send(CONFIRM, proof, [allowed]);
    expect(error).toBeNull();
    expect(calls).toEqual([LOOK, `PATCH /cvms/${CVM.id}`]);
  });

  it("sends nothing when the device is known not to be allowed, and returns the transaction to send", async () => {
    const { error, calls } = await send(CONFIRM, proof, [noDevice]);
    expect(error).toMatchObject({
      message: expect.stringMatching(/device.*Nothing was sent.*extensions.prerequisites/),
      extensions: { code: "HASH_NOT_ALLOWED", retryable: true, prerequisites: [ADD_DEVICE] },
    });
    expect(calls).toEqual([LOOK, `GET /cvms/${CVM.id}`]);
  });

  it("waits for the device as well with waitForTransactionSeconds", async () => {
    const input = { ...proof, waitForTransactionSeconds: 10 };
    const { error, calls } = await send(CONFIRM, input, [noDevice, allowed]);
    expect(error).toBeNull();
    expect(calls).toEqual([LOOK, `GET /cvms/${CVM.id}`, LOOK, `PATCH /cvms/${CVM.id}`]);
  });

  it.each(unknown)("lets the REST API decide when %s", async (_name, flags) => {
    const { error, calls } = await send(CONFIRM, proof, [flags]);
    expect(error).toBeNull();
    expect(calls).toEqual([LOOK, `PATCH /cvms/${CVM.id}`]);
  });
});

describe("commitCvmUpdate", () => {
  const input = { ...proof, token: "token-1" };

  it("sends nothing when the device is known not to be allowed", async () => {
    const { error, calls } = await send(COMMIT_UPDATE, input, [noDevice]);
    expect(error?.extensions).toMatchObject({ code: "HASH_NOT_ALLOWED", prerequisites: [ADD_DEVICE] });
    expect(calls).toEqual([LOOK, `GET /cvms/${CVM.id}`]);
  });

  it.each([
    ["without a credential, which the check would need", noDevice, {}, []],
    ["when the credential may not ask", { status: 401, body: { detail: "no" } }, undefined, [LOOK]],
  ])("lets the REST API decide %s", async (_name, flags, headers, looks) => {
    const { error, calls } = await send(COMMIT_UPDATE, input, [flags], headers ? { headers } : {});
    expect(error).toBeNull();
    expect(calls).toEqual([...looks, `POST /cvms/${CVM.id}/commit-update`]);
  });
});

describe("commitCvmUpdate by the name of a CVM, which can be another CVM for the caller", () => {
  const input = { ...proof, id: "web", token: "token-1" };
  const look = "POST /cvms/web/is-allowed";

  it("lets the REST API decide while the contract does not have the hash", async () => {
    const { error, calls } = await send(COMMIT_UPDATE, input, [{ ...noDevice, compose_hash_allowed: false }]);
    expect(error).toBeNull();
    expect(calls).toEqual([look, "POST /cvms/web/commit-update"]);
  });

  it("sends nothing when the contract has the hash and not the device", async () => {
    const { error, calls } = await send(COMMIT_UPDATE, input, [noDevice]);
    expect(error?.extensions.code).toBe("HASH_NOT_ALLOWED");
    expect(calls).toEqual([look, "GET /cvms/web"]);
  });
});

describe.each([
  ["docker-compose", UPDATE_COMPOSE, { dockerComposeFile: "services: { a: { image: a } }\n" }],
  ["pre-launch-script", UPDATE_SCRIPT, { preLaunchScript: "echo a\n" }],
  ["envs", UPDATE_ENVS, { env: { encrypted: { encryptedEnv: "ab".repeat(80), keys: ["A"] } } }],
])("the second phase of the mutation for %s", (endpoint, query, change) => {
  const input = { ...proof, ...change };
  const write = `PATCH /cvms/${CVM.id}/${endpoint}`;
  const listWritten = (calls: readonly string[]) => calls.filter((call) => !call.startsWith("GET"));

  it("sends nothing when the device is known not to be allowed", async () => {
    const { error, calls } = await send(query, input, [noDevice]);
    expect(error?.extensions).toMatchObject({ code: "HASH_NOT_ALLOWED", prerequisites: [ADD_DEVICE] });
    expect(listWritten(calls)).toEqual([LOOK]);
  });

  it.each([["the device is allowed", allowed] as const, ...unknown])(
    "is sent when %s",
    async (_name, flags) => {
      const { error, calls } = await send(query, input, [flags]);
      expect(error).toBeNull();
      expect(listWritten(calls)).toEqual([LOOK, write]);
    },
  );

  it("looks at no contract when the KMS is not on-chain", async () => {
    const { error, calls } = await send(query, input, [noDevice], { cvm: { ...CVM, kms_type: "phala" } });
    expect(error).toBeNull();
    expect(listWritten(calls)).toEqual([write]);
  });

  it("looks at no contract in the first phase", async () => {
    const { error, calls } = await send(query, { id: CVM.id, ...change }, [noDevice]);
    expect(error).toBeNull();
    expect(listWritten(calls)).toEqual([write]);
  });
});

describe("commitCvmComposeFileUpdate", () => {
  const input = { id: CVM.id, composeHash: HASH };

  it.each([
    ["the hash", noHash, [ADD_HASH]],
    ["the device", noDevice, [ADD_DEVICE]],
    ["either", { ...noDevice, compose_hash_allowed: false }, [ADD_DEVICE, ADD_HASH]],
    ["the two together", { app_contract_address: CONTRACT, is_allowed: false }, [ADD_HASH]],
  ])("sends nothing when the contract is known not to allow %s", async (_name, flags, prerequisites) => {
    const { error, calls } = await send(COMMIT, input, [flags]);
    expect(error).toMatchObject({
      message: expect.stringContaining("Nothing was sent."),
      extensions: { code: "HASH_NOT_ALLOWED", retryable: true, prerequisites },
    });
    expect(calls).toEqual([`GET /cvms/${CVM.id}`, LOOK]);
  });

  it.each(unknown)("lets the REST API decide when %s", async (_name, flags) => {
    const { error, calls } = await send(COMMIT, input, [flags]);
    expect(error).toBeNull();
    expect(calls).toEqual([`GET /cvms/${CVM.id}`, LOOK, `PATCH /cvms/${CVM.id}/compose_file`]);
  });

  it("does not look at a contract when the KMS is not on-chain", async () => {
    const { error, calls } = await send(COMMIT, input, [noHash], { cvm: { ...CVM, kms_type: "phala" } });
    expect(error).toBeNull();
    expect(calls).toEqual([`GET /cvms/${CVM.id}`, `PATCH /cvms/${CVM.id}/compose_file`]);
  });
});
