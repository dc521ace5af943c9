import * as sdk from "@phala/cloud";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { startTestSandbox, type TestSandbox } from "../support/sandbox-client.ts";
import vector from "../vectors/on-chain-call.json" with { type: "json" };

const WEEK_MS = 7 * 24 * 3_600_000;
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

  test("answers 466 for a hash without a first phase, and after seven days", async () => {
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
    await sandbox.advance(WEEK_MS + 1);
    expect(await confirm(hash)).toMatchObject({ status: 466, body: { error_code: "ERR-01-006" } });
  });

  test("answers 467 for a transaction that is unknown or reverted, and for another event, hash, chain or contract", async () => {
    await using sandbox = await startTestSandbox();
    const { hash, app } = await requestHash(sandbox);
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

  test("answers 468 when the contract does not allow the hash, or no longer allows it", async () => {
    await using sandbox = await startTestSandbox();
    const { hash, app } = await requestHash(sandbox);
    const confirm = (transactionHash: string) =>
      sandbox.call(
        "PATCH",
        "/cvms/web-base",
        {},
        { "x-compose-hash": hash, "x-transaction-hash": transactionHash },
      );
    expect(await confirm("already-registered")).toMatchObject({
      status: 468,
      body: { error_code: "ERR-01-008" },
    });
    const transactionHash = await register(sandbox, app, hash);
    await rpc(sandbox, "eth_sendTransaction", [{ to: app, data: REMOVE_COMPOSE_HASH + hash }]);
    expect(await confirm(transactionHash)).toMatchObject({ status: 468 });
  });

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

  test("needs a hash for an environment only when the list of keys changes, and takes it from the body", async () => {
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
    await expect(commit("already-registered")).rejects.toMatchObject({ status: 468 });
    const transactionHash = await register(sandbox, `0x${prepared.appId}`, prepared.composeHash);
    expect(await commit(transactionHash)).toMatchObject({ status: "in_progress" });
    await sandbox.advance(11_000);
    await expect(commit(transactionHash)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining("expired"),
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
    expect(wrong.map((answer) => answer.status)).toEqual([400, 400, 400]);
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
