import * as sdk from "@phala/cloud";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { startTestSandbox, type TestSandbox } from "../support/sandbox-client.ts";
import vector from "../vectors/on-chain-call.json" with { type: "json" };

const PENDING_MS = 14 * 24 * 3_600_000;
const SELECTOR = vector.addComposeHashData.slice(0, 10);
// Selectors as `cast sig` prints them.
const REMOVE_COMPOSE_HASH = "0x67b3f22c";
const ADD_DEVICE = "0x2a819728";
const READS = { owner: "0x8da5cb5b", allowAnyDevice: "0x3440a16a", allowedComposeHashes: "0x2f6622e5" };
const SCRIPT = "#!/bin/sh\necho on chain\n";

const rpcAnswer = z.union([
  z.object({ result: z.unknown() }),
  z.object({ error: z.object({ code: z.number(), message: z.string() }) }),
]);

async function rpc(sandbox: TestSandbox, method: string, params: unknown[], path = "/rpc") {
  const response = await fetch(`${sandbox.origin}/__sandbox${path}`, {
    method: "POST",
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const answer = rpcAnswer.parse(await response.json());
  return "result" in answer ? answer.result : answer.error;
}

/** Run the first phase of a change of the script, and return its hash. */
async function requestHash(sandbox: TestSandbox, id = "web-base", script = SCRIPT) {
  const result = await sdk.patchCvm(sandbox.client, { id, pre_launch_script: script });
  if (!result.requiresOnChainHash) throw new Error("The first phase was not answered with 465.");
  return {
    ...result,
    hash: result.composeHash.replace(/^0x/, ""),
    app: `0x${result.appId.replace(/^0x/, "")}`,
  };
}

async function register(
  sandbox: TestSandbox,
  app: string,
  hash: string,
  extra: object = {},
): Promise<string> {
  const call = { chainId: 8453, to: app, data: SELECTOR + hash, value: "0x0", ...extra };
  return z.string().parse(await rpc(sandbox, "eth_sendTransaction", [call]));
}

describe("a CVM with an on-chain KMS", () => {
  test("applies a change only after its hash was registered and confirmed", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    const { hash, app, kmsInfo } = await requestHash(sandbox);
    expect(kmsInfo).toMatchObject({ chain_id: 8453, slug: "kms-base-prod9" });
    expect(await sdk.getCvmInfo(client, { id: "web-base" })).toMatchObject({
      status: "running",
      progress: null,
    });
    const transactionHash = await register(sandbox, app, hash);
    const confirmed = await sdk.confirmCvmPatch(client, {
      id: "web-base",
      composeHash: hash,
      transactionHash,
    });
    await sandbox.advance(10_000);
    const info = await sdk.getCvmInfo(client, { id: "web-base" });
    expect(info).toMatchObject({
      status: "running",
      compose_hash: hash,
      compose_file: { pre_launch_script: SCRIPT },
    });
    const { body } = await sandbox.call("GET", "/cvms/web-base/operations");
    expect(body).toMatchObject({ items: [{ correlation_id: confirmed.correlationId, status: "completed" }] });
  });

  test("applies in the second phase also the settings outside the hash", async () => {
    await using sandbox = await startTestSandbox();
    const patch = { pre_launch_script: SCRIPT, vcpu: 4, user_config: "kept" };
    const { body } = await sandbox.call("PATCH", "/cvms/web-base", patch);
    const details = z
      .object({ details: z.array(z.object({ field: z.string(), value: z.unknown() })) })
      .parse(body);
    const value = (field: string) =>
      z.string().parse(details.details.find((one) => one.field === field)?.value);
    const transactionHash = await register(sandbox, `0x${value("app_id")}`, value("compose_hash"));
    const headers = {
      "x-compose-hash": `0x${value("compose_hash").toUpperCase()}`,
      "x-transaction-hash": transactionHash,
    };
    expect(await sandbox.call("PATCH", "/cvms/web-base", {}, headers)).toMatchObject({ status: 202 });
    await sandbox.advance(10_000);
    expect(await sdk.getCvmInfo(sandbox.client, { id: "web-base" })).toMatchObject({ resource: { vcpu: 4 } });
  });

  test("needs no transaction for settings outside the compose file", async () => {
    await using sandbox = await startTestSandbox();
    const result = await sdk.patchCvm(sandbox.client, { id: "web-base", vcpu: 4 });
    expect(result.requiresOnChainHash).toBe(false);
  });

  test("answers 466 for a hash without a first phase, and after 14 days", async () => {
    await using sandbox = await startTestSandbox();
    const { hash, app } = await requestHash(sandbox);
    const transactionHash = await register(sandbox, app, hash);
    const confirm = (composeHash: string) =>
      sandbox.call(
        "PATCH",
        "/cvms/web-base",
        {},
        { "x-compose-hash": composeHash, "x-transaction-hash": transactionHash },
      );
    expect(await confirm("ab".repeat(32))).toMatchObject({ status: 466, body: { error_code: "ERR-01-006" } });
    await sandbox.advance(PENDING_MS + 1);
    expect(await confirm(hash)).toMatchObject({ status: 466, body: { error_code: "ERR-01-006" } });
  });

  test("keeps a pending change for 14 days", async () => {
    await using sandbox = await startTestSandbox();
    const { hash: composeHash, app } = await requestHash(sandbox);
    await sandbox.advance(PENDING_MS);
    const transactionHash = await register(sandbox, app, composeHash);
    const confirmed = await sdk.confirmCvmPatch(sandbox.client, {
      id: "web-base",
      composeHash,
      transactionHash,
    });
    expect(confirmed.correlationId).toEqual(expect.any(String));
  });

  test("answers 467 for a transaction that is unknown or reverted, and for another event, hash, chain or contract", async () => {
    await using sandbox = await startTestSandbox();
    const { hash, app } = await requestHash(sandbox);
    await register(sandbox, app, hash);
    const accounts = z.array(z.string()).parse(await rpc(sandbox, "eth_accounts", []));
    const ethereum = await requestHash(sandbox, "web-ethereum");
    const neighbour = await sdk.getCvmInfo(sandbox.client, { id: "web-base-legacy-465" });
    const wrong = [
      `0x${"00".repeat(32)}`,
      "not a hash",
      await register(sandbox, app, hash, { from: accounts[1] }),
      await register(sandbox, app, hash, { value: "0x1" }),
      await register(sandbox, app, "ab".repeat(32)),
      await register(sandbox, ethereum.app, hash, { chainId: 1 }),
      await register(sandbox, `0x${neighbour.app_id}`, hash),
      z.string().parse(await rpc(sandbox, "eth_sendTransaction", [{ to: app, data: ADD_DEVICE + hash }])),
    ];
    for (const transactionHash of wrong) {
      const headers = { "x-compose-hash": hash, "x-transaction-hash": transactionHash };
      const answer = await sandbox.call("PATCH", "/cvms/web-base", {}, headers);
      expect(answer).toMatchObject({ status: 467, body: { error_code: "ERR-01-007" } });
    }
  });

  test.each([
    [[], 465, "ERR-01-005"],
    [["hash-468"], 468, "ERR-01-008"],
  ])(
    "with the behaviors %j answers %d while the contract does not allow the hash, before it looks at the transaction",
    async (behaviors, status, error_code) => {
      await using sandbox = await startTestSandbox();
      await sandbox.setBehaviors("web-base", behaviors);
      const { hash, app } = await requestHash(sandbox);
      const confirm = (transactionHash: string) =>
        sandbox.call(
          "PATCH",
          "/cvms/web-base",
          {},
          { "x-compose-hash": hash, "x-transaction-hash": transactionHash },
        );
      const refused = { status, body: { error_code } };
      expect(await confirm("already-registered")).toMatchObject(refused);
      expect(await confirm(`0x${"00".repeat(32)}`)).toMatchObject(refused);
      const transactionHash = await register(sandbox, app, hash);
      await rpc(sandbox, "eth_sendTransaction", [{ to: app, data: REMOVE_COMPOSE_HASH + hash }]);
      expect(await confirm(transactionHash)).toMatchObject(refused);
      await register(sandbox, app, hash);
      expect(await confirm(transactionHash)).toMatchObject({ status: 202 });
    },
  );

  test("accepts already-registered instead of a transaction hash for a registered hash", async () => {
    await using sandbox = await startTestSandbox();
    const { hash, app } = await requestHash(sandbox);
    await register(sandbox, app, hash);
    const again = await requestHash(sandbox);
    expect(again.hash).toBe(hash);
    const confirmed = await sdk.confirmCvmPatch(sandbox.client, {
      id: "web-base",
      composeHash: hash,
      transactionHash: "already-registered",
    });
    expect(confirmed.correlationId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("keeps several pending changes, and the one confirmed last wins", async () => {
    await using sandbox = await startTestSandbox();
    const first = await requestHash(sandbox, "web-base", "#!/bin/sh\necho first\n");
    const second = await requestHash(sandbox, "web-base", "#!/bin/sh\necho second\n");
    for (const { hash, app } of [second, first]) {
      const transactionHash = await register(sandbox, app, hash);
      await sdk.confirmCvmPatch(sandbox.client, { id: "web-base", composeHash: hash, transactionHash });
      await sandbox.advance(11_000);
    }
    expect(await sdk.getCvmPreLaunchScript(sandbox.client, { id: "web-base" })).toContain("first");
  });

  test("named web-base-legacy-465 answers the flat 465 of older servers", async () => {
    await using sandbox = await startTestSandbox();
    const answer = await sandbox.call("PATCH", "/cvms/web-base-legacy-465", { pre_launch_script: SCRIPT });
    expect(answer.status).toBe(465);
    expect(answer.body).toEqual({
      message: expect.any(String),
      compose_hash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      app_id: expect.stringMatching(/^0x[0-9a-f]{40}$/),
      device_id: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      kms_info: expect.objectContaining({ chain_id: 8453 }),
    });
  });

  test.each([
    ["web-base-lean-465", { chain_id: 8453, kms_contract_address: expect.stringMatching(/^0x/) }],
    ["web-base-bare-465", undefined],
  ])("named %s answers a 465 with little or nothing about the KMS", async (name, kmsInfo) => {
    await using sandbox = await startTestSandbox();
    const { body } = await sandbox.call("PATCH", `/cvms/${name}`, { pre_launch_script: SCRIPT });
    const { details } = z
      .object({ details: z.array(z.object({ field: z.string(), value: z.unknown() })) })
      .parse(body);
    expect(details.find(({ field }) => field === "kms_info")?.value).toEqual(kmsInfo);
    expect(details.map(({ field }) => field)).toEqual(
      expect.arrayContaining(["compose_hash", "app_id", "device_id"]),
    );
  });

  test("needs the same body in both phases of a single-purpose update, else answers 466", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    const update = { id: "web-ethereum", pre_launch_script: SCRIPT };
    const required = await sdk.updatePreLaunchScript(client, update);
    if (required.status !== "precondition_required")
      throw new Error("The first phase was not answered with 465.");
    const { compose_hash, app_id } = required;
    const transaction_hash = await register(sandbox, `0x${app_id}`, compose_hash, { chainId: "0x1" });
    const proof = { compose_hash, transaction_hash };
    const other = sdk.updatePreLaunchScript(client, {
      ...update,
      pre_launch_script: "#!/bin/sh\n",
      ...proof,
    });
    await expect(other).rejects.toMatchObject({ status: 466 });
    expect(await sdk.updatePreLaunchScript(client, { ...update, ...proof })).toMatchObject({
      status: "in_progress",
    });
  });

  test("needs a hash for an environment only when the list of keys changes, and reads the list from the body", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    const id = "web-base";
    const encrypted_env = "ab".repeat(80);
    const changed = { id, encrypted_env, env_keys: ["ONLY_ONE"] };
    const required = await sdk.updateCvmEnvs(client, changed);
    if (required.status !== "precondition_required")
      throw new Error("The first phase was not answered with 465.");
    const { compose_hash, app_id } = required;
    const transaction_hash = await register(sandbox, `0x${app_id}`, compose_hash);
    const confirmed = await sdk.updateCvmEnvs(client, { ...changed, compose_hash, transaction_hash });
    expect(confirmed).toMatchObject({ status: "in_progress", allowed_envs_changed: true });
    await sandbox.advance(11_000);
    const same = await sdk.updateCvmEnvs(client, { id, encrypted_env, env_keys: ["ONLY_ONE"] });
    expect(same).toMatchObject({ status: "in_progress", allowed_envs_changed: false });
  });

  test("does not boot on a device that the contract does not allow", async () => {
    await using sandbox = await startTestSandbox();
    const id = "web-base-locked-device";
    const result = await sdk.patchCvm(sandbox.client, { id, vcpu: 2 });
    await sandbox.advance(10_000);
    const state = await sdk.getCvmState(sandbox.client, { id });
    expect(state).toMatchObject({
      status: "exited",
      boot_error: expect.stringContaining("Device not allowed"),
    });
    const { body } = await sandbox.call("GET", `/cvms/${id}/operations`);
    const correlation = result.requiresOnChainHash ? null : result.correlationId;
    expect(body).toMatchObject({
      items: [
        { correlation_id: correlation, status: "failed", error_message: expect.stringContaining("Device") },
      ],
    });
  });
});

describe("a prepared change", () => {
  test("is committed once with its token, without a key", async () => {
    await using sandbox = await startTestSandbox();
    const prepared = await sdk.patchCvm(sandbox.client, {
      id: "web-base",
      pre_launch_script: SCRIPT,
      prepareOnly: true,
    });
    if (!prepared.requiresOnChainHash) throw new Error("The first phase was not answered with 465.");
    expect(prepared.onchainStatus).toEqual({
      compose_hash_allowed: false,
      device_id_allowed: true,
      is_allowed: false,
    });
    const token = prepared.commitToken ?? "";
    const page = await fetch(prepared.commitUrl ?? "");
    expect([page.status, await page.json()]).toMatchObject([200, { compose_hash: prepared.composeHash }]);

    const stranger = sdk.createClient({ apiKey: "no-key", baseURL: sandbox.url });
    const commit = (transactionHash: string) =>
      sdk.commitCvmUpdate(stranger, {
        id: "web-base",
        token,
        composeHash: prepared.composeHash,
        transactionHash,
      });
    await expect(commit("already-registered")).rejects.toMatchObject({ status: 465 });
    const transactionHash = await register(sandbox, `0x${prepared.appId}`, prepared.composeHash);
    await expect(commit(`0x${"00".repeat(32)}`)).rejects.toMatchObject({ status: 467 });
    expect(await commit(transactionHash)).toMatchObject({ status: "in_progress" });
    await sandbox.advance(11_000);
    await expect(commit(transactionHash)).rejects.toMatchObject({
      status: 466,
      message: expect.stringContaining("used"),
    });
  });

  test("cannot be committed for another CVM or another hash", async () => {
    await using sandbox = await startTestSandbox();
    const prepared = await sdk.patchCvm(sandbox.client, {
      id: "web-base",
      pre_launch_script: SCRIPT,
      prepareOnly: true,
    });
    if (!prepared.requiresOnChainHash) throw new Error("The first phase was not answered with 465.");
    const token = prepared.commitToken;
    const wrong = [
      await sandbox.call("POST", "/cvms/web-ethereum/commit-update", { token }),
      await sandbox.call("POST", "/cvms/web-base/commit-update", { token, compose_hash: "ab".repeat(32) }),
      await sandbox.call("POST", "/cvms/web-base/commit-update", { token: "guess" }),
    ];
    expect(wrong.map((answer) => answer.status)).toEqual([466, 466, 466]);
  });

  test("has a token that is a UUID, and ends when another change is prepared for its CVM", async () => {
    await using sandbox = await startTestSandbox();
    const prepare = async (id: string, script: string) => {
      const prepared = await sdk.patchCvm(sandbox.client, {
        id,
        pre_launch_script: script,
        prepareOnly: true,
      });
      if (!prepared.requiresOnChainHash) throw new Error("The first phase was not answered with 465.");
      const { composeHash, appId } = prepared;
      await register(sandbox, `0x${appId}`, composeHash, { chainId: id === "web-base" ? 8453 : 1 });
      return z.string().parse(prepared.commitToken);
    };
    const commit = (id: string, token: string) =>
      sandbox.call("POST", `/cvms/${id}/commit-update`, { token, transaction_hash: "already-registered" });
    const first = await prepare("web-base", SCRIPT);
    const neighbour = await prepare("web-ethereum", SCRIPT);
    const second = await prepare("web-base", SCRIPT);
    expect(z.uuid().parse(first)).not.toBe(z.uuid().parse(second));
    expect(await commit("web-base", first)).toMatchObject({
      status: 466,
      body: { error_code: "ERR-01-006" },
    });
    expect(await sdk.getCvmInfo(sandbox.client, { id: "web-base" })).toMatchObject({ progress: null });
    expect(await commit("web-base", second)).toMatchObject({ status: 202 });
    expect(await commit("web-ethereum", neighbour)).toMatchObject({ status: 202 });
  });

  test("expires after 14 days, although its hash is registered", async () => {
    await using sandbox = await startTestSandbox();
    const prepared = await sdk.patchCvm(sandbox.client, {
      id: "web-base",
      pre_launch_script: SCRIPT,
      prepareOnly: true,
    });
    if (!prepared.requiresOnChainHash) throw new Error("The first phase was not answered with 465.");
    await register(sandbox, `0x${prepared.appId}`, prepared.composeHash);
    await sandbox.advance(PENDING_MS + 1);
    const { commitToken: token } = prepared;
    expect(await sandbox.call("POST", "/cvms/web-base/commit-update", { token })).toMatchObject({
      status: 466,
    });
  });

  test("does not exist for an off-chain KMS: the update is applied immediately", async () => {
    await using sandbox = await startTestSandbox();
    const result = await sdk.patchCvm(sandbox.client, {
      id: "web-phala",
      pre_launch_script: SCRIPT,
      prepareOnly: true,
    });
    expect(result.requiresOnChainHash).toBe(false);
  });
});

describe("the JSON-RPC endpoint", () => {
  test("accepts a transaction with a decimal chain id, and returns a receipt with the event", async () => {
    await using sandbox = await startTestSandbox();
    const { hash, app } = await requestHash(sandbox);
    const transactionHash = await register(sandbox, app, hash);
    expect(await rpc(sandbox, "eth_getTransactionReceipt", [transactionHash])).toMatchObject({
      status: "0x1",
      to: app,
      logs: [{ address: app, topics: [vector.composeHashAddedTopic], data: `0x${hash}` }],
    });
    expect(await rpc(sandbox, "eth_getTransactionReceipt", [`0x${"00".repeat(32)}`])).toBeNull();
    expect(await rpc(sandbox, "eth_getTransactionByHash", [transactionHash])).toMatchObject({
      chainId: "0x2105",
    });
  });

  test("answers the view functions of an app contract", async () => {
    await using sandbox = await startTestSandbox();
    const { hash, app } = await requestHash(sandbox);
    const [owner] = z.array(z.string()).parse(await rpc(sandbox, "eth_accounts", []));
    const call = (data: string) => rpc(sandbox, "eth_call", [{ to: app, data }, "latest"]);
    const word = (hex: string) => `0x${hex.padStart(64, "0")}`;
    expect(await call(READS.owner)).toBe(word(owner?.slice(2) ?? ""));
    expect(await call(READS.allowedComposeHashes + hash)).toBe(word("0"));
    await register(sandbox, app, hash);
    expect(await call(READS.allowedComposeHashes + hash)).toBe(word("1"));
    expect(await call(READS.allowAnyDevice)).toBe(word("0"));
    expect(await call("0xdeadbeef")).toMatchObject({ code: 3 });
    expect(await rpc(sandbox, "eth_getCode", [app])).not.toBe("0x");
    expect(await rpc(sandbox, "eth_getCode", [`0x${"11".repeat(20)}`])).toBe("0x");
  });

  test("serves each chain at its own path, and answers JSON-RPC errors", async () => {
    await using sandbox = await startTestSandbox();
    expect(await rpc(sandbox, "eth_chainId", [])).toBe("0x2105");
    expect(await rpc(sandbox, "eth_chainId", [], "/rpc/1")).toBe("0x1");
    expect(await rpc(sandbox, "eth_unknown", [])).toMatchObject({ code: -32601 });
    expect(await rpc(sandbox, "eth_sendTransaction", [{ to: "nowhere" }])).toMatchObject({ code: -32602 });
    const wrongChain = { chainId: 8453, to: `0x${"11".repeat(20)}` };
    expect(await rpc(sandbox, "eth_sendTransaction", [wrongChain], "/rpc/1")).toMatchObject({ code: -32602 });
  });
});
