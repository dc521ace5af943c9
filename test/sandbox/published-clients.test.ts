import * as sdk from "@phala/cloud";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { prepareScript, SCRIPT } from "../support/chain/sandbox-chain.ts";
import { startTestSandbox, type TestSandbox } from "../support/sandbox-client.ts";

const NEWEST = { "x-phala-version": "2026-06-23" };

const YAML = "services:\n  a:\n    image: nginx:1.29\n";

const required = z.object({
  details: z.array(z.object({ field: z.string(), value: z.unknown() })),
});

/** Read the details of a 465. */
function readDetails(body: unknown) {
  const { details } = required.parse(body);
  const entries = Object.fromEntries(details.map(({ field, value }) => [field, value]));
  return z
    .object({ compose_hash: z.string(), app_id: z.string(), commit_token: z.uuid(), device_id: z.string() })
    .parse(entries);
}

async function register(sandbox: TestSandbox, appId: string, hash: string) {
  const call = { chainId: 8453, to: `0x${appId}`, data: `0xdfc77223${hash}` };
  const response = await fetch(`${sandbox.origin}/__sandbox/rpc`, {
    method: "POST",
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_sendTransaction", params: [call] }),
  });
  return z.object({ result: z.string() }).parse(await response.json()).result;
}

async function readAppId(sandbox: TestSandbox, id: string): Promise<string> {
  return (await sdk.getCvmInfo(sandbox.client, { id })).app_id ?? "";
}

describe("a replica", () => {
  test("of an off-chain app is created immediately, also by createAppInstance of the SDK", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    const appId = await readAppId(sandbox, "web-phala");
    const vm = await sdk.replicateCvm(client, { id: "web-phala" });
    const prepared = await sandbox.call(
      "POST",
      `/cvms/${vm.vm_uuid}/replicas`,
      {},
      { "x-prepare-only": "true" },
    );
    expect(prepared.status).toBe(200);
    const instance = await sdk.createAppInstance(client, { appId, docker_compose_file: YAML });
    await sandbox.advance(11_000);
    const id = instance.vm_uuid ?? "";
    expect(await sdk.getCvmDockerCompose(client, { id })).toBe(YAML);
    expect(await sdk.getAppInfo(client, { appId })).toMatchObject({ cvm_count: 4 });
    const unknown = await sandbox.call("POST", `/apps/${appId}/instances`, { compose_hash: "ab".repeat(32) });
    expect(unknown).toMatchObject({ status: 400, body: { error_code: "ERR-03-009" } });
  });

  test("of an on-chain app is prepared with a token, and committed once without a key", async () => {
    await using sandbox = await startTestSandbox();
    const prepared = await sandbox.call("POST", "/cvms/web-base/replicas", {}, { "x-prepare-only": "true" });
    expect(prepared.status).toBe(465);
    const { commit_token: token, compose_hash } = readDetails(prepared.body);
    const commit = (body: object) =>
      fetch(`${sandbox.url}/cvms/web-base/commit-replica`, { method: "POST", body: JSON.stringify(body) });
    expect((await commit({ token, compose_hash: "ab".repeat(32) })).status).toBe(466);
    expect((await commit({ token, transaction_hash: `0x${"00".repeat(32)}` })).status).toBe(467);
    const body = { token, compose_hash, transaction_hash: "already-registered" };
    const answers = await Promise.all([commit(body), commit(body)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 466]);
    await sandbox.advance(11_000);
    expect(await sandbox.call("GET", "/cvms/web-base-replica-1")).toMatchObject({
      body: { status: "running" },
    });
    expect((await sandbox.call("POST", "/cvms/web-base/commit-update", { token })).status).toBe(466);
  });

  test("with a compose file that the contract does not allow is 465 with a token until it is registered", async () => {
    await using sandbox = await startTestSandbox();
    const appId = await readAppId(sandbox, "web-base");
    const first = await sandbox.call("POST", `/apps/${appId}/instances`, { docker_compose_file: YAML });
    expect(first.status).toBe(465);
    const { commit_token: token, compose_hash } = readDetails(first.body);
    const commit = { token, compose_hash, transaction_hash: "already-registered" };
    expect((await sandbox.call("POST", `/apps/${appId}/instances`, commit)).status).toBe(465);
    const transaction_hash = await register(sandbox, appId, compose_hash);
    const created = await sandbox.call("POST", `/apps/${appId}/instances`, { ...commit, transaction_hash });
    expect(created).toMatchObject({ status: 200, body: { app_id: appId } });
    expect(await sdk.getCvmInfo(sandbox.client, { id: "web-base" })).toMatchObject({ progress: null });
  });

  test("on a device that the contract does not allow is 465, which names the device", async () => {
    await using sandbox = await startTestSandbox();
    const answer = await sandbox.call("POST", "/cvms/web-base-locked-device/replicas");
    expect(answer.status).toBe(465);
    expect(readDetails(answer.body).device_id).toMatch(/^[0-9a-f]{64}$/);
  });
});

test("the commit of a new CVM can be repeated, and creates it once", async () => {
  await using sandbox = await startTestSandbox();
  const { client } = sandbox;
  const provision = await sdk.provisionCvm(client, {
    name: "repeated",
    instance_type: "tdx.small",
    compose_file: { docker_compose_file: YAML },
  });
  const request = { app_id: provision.app_id ?? "", compose_hash: provision.compose_hash };
  const first = await sdk.commitCvmProvision(client, request);
  expect((await sdk.commitCvmProvision(client, request)).vm_uuid).toBe(first.vm_uuid);
  await sandbox.advance(11_000);
  expect((await sdk.commitCvmProvision(client, request)).vm_uuid).toBe(first.vm_uuid);
  expect((await sdk.getCvmList(client, { page_size: 100 })).total).toBe(45);
  const other = { ...request, compose_hash: "ab".repeat(32) };
  expect((await sandbox.call("POST", "/cvms", other)).status).toBe(422);
});

test("a running operation can be cancelled, which frees the CVM immediately", async () => {
  await using sandbox = await startTestSandbox();
  const cancel = (id: string) => sandbox.call("POST", `/cvms/${id}/operations/cancel`);
  expect((await cancel("web-phala")).body).toEqual({ cancelled: false, correlation_id: null });
  const update = await sdk.patchCvm(sandbox.client, { id: "web-phala", vcpu: 2 });
  const correlation_id = update.requiresOnChainHash ? null : update.correlationId;
  expect((await cancel("web-phala")).body).toEqual({ cancelled: true, correlation_id });
  expect(await sandbox.call("GET", "/cvms/web-phala/operations")).toMatchObject({
    body: { items: [{ correlation_id, status: "failed" }] },
  });
  expect((await sandbox.call("PATCH", "/cvms/web-phala", { vcpu: 4 })).status).toBe(202);
  const replica = await sdk.replicateCvm(sandbox.client, { id: "stopped-app" });
  expect((await cancel(replica.vm_uuid ?? "")).status).toBe(409);
});

test("pending updates list what waits for its commit, and say whether it is registered", async () => {
  await using sandbox = await startTestSandbox();
  const prepared = await prepareScript(sandbox);
  const { appId, composeHash, commitToken: token } = prepared;
  const list = () => sandbox.call("GET", `/apps/${appId}/pending-updates`);
  const item = { compose_hash: composeHash, on_chain: false, instance_name: "web-base" };
  expect((await list()).body).toEqual({ items: [{ vm_uuid: expect.any(String), ...item }] });
  const { items } = z
    .object({ items: z.array(z.object({ vm_uuid: z.string() })) })
    .parse((await list()).body);
  const preview = `/apps/${appId}/pending-updates/${items[0]?.vm_uuid}/${composeHash}/preview`;
  expect((await sandbox.call("GET", preview)).body).toMatchObject({ pending_pre_launch_script: SCRIPT });
  await register(sandbox, appId, composeHash);
  expect((await list()).body).toMatchObject({ items: [{ on_chain: true }] });
  await sandbox.call("POST", "/cvms/web-base/commit-update", { token });
  await sandbox.advance(11_000);
  expect((await list()).body).toEqual({ items: [] });
});

test("the official SDK manages SSH keys, and a CVM gets them at its next start", async () => {
  await using sandbox = await startTestSandbox();
  const { client } = sandbox;
  const public_key = `ssh-ed25519 ${Buffer.from("a public key").toString("base64")} me`;
  const key = await sdk.createSshKey(client, { name: "mine", public_key });
  await sdk.importGithubProfileSshKeys(client, { github_username: "octocat" });
  await sdk.syncGithubSshKeys(client);
  expect(await sdk.listSshKeys(client)).toHaveLength(2);
  const put = await sandbox.call("PUT", "/cvms/web-phala/ssh-keys", {
    ssh_key_ids: [key.id],
    apply_now: false,
  });
  expect(put).toMatchObject({
    status: 200,
    body: { keys: [{ name: "mine", fingerprint: key.fingerprint }], restart_required: true },
  });
  await sdk.restartCvm(client, { id: "web-phala" });
  await sandbox.advance(11_000);
  expect(await sandbox.call("GET", "/cvms/web-phala/ssh-keys")).toMatchObject({
    body: { restart_required: false },
  });
  await sdk.deleteSshKey(client, { keyId: key.id });
  expect(await sandbox.call("GET", "/cvms/web-phala/ssh-keys")).toMatchObject({ body: { keys: [] } });
  expect((await sandbox.call("POST", "/user/ssh-keys", { name: "x", public_key: "no key" })).status).toBe(
    400,
  );
});

test("the KMS of an app, and a KMS contract by its id", async () => {
  await using sandbox = await startTestSandbox();
  const appId = await readAppId(sandbox, "web-base");
  expect(await sandbox.call("GET", `/apps/${appId}/kms-info`)).toMatchObject({
    body: { is_onchain_kms: true, chain_id: 8453, app_contract_address: `0x${appId}`, deployer_type: "eoa" },
  });
  const list = await sandbox.call("GET", "/kms", undefined, NEWEST);
  const contracts = z.object({ items: z.array(z.object({ id: z.string(), slug: z.string() })) });
  for (const { id, slug } of contracts.parse(list.body).items) {
    const found = await sandbox.call("GET", `/kms/${id}`, undefined, NEWEST);
    expect(found).toMatchObject({ status: 200, body: { id, slug } });
  }
});

test("the attestations of an app need no key", async () => {
  await using sandbox = await startTestSandbox();
  const appId = await readAppId(sandbox, "web-base");
  const response = await fetch(`${sandbox.url}/apps/app_${appId}/attestations`);
  expect([response.status, await response.json()]).toMatchObject([200, { app_id: appId }]);
  expect((await fetch(`${sandbox.url}/apps/${"00".repeat(20)}/attestations`)).status).toBe(404);
  expect((await fetch(`${sandbox.url}/apps/${appId}/cvms`)).status).toBe(401);
});

test("logs answer at the URLs that the API names", async () => {
  await using sandbox = await startTestSandbox();
  const { containers } = await sdk.getCvmContainersStats(sandbox.client, { id: "web-phala" });
  const response = await fetch(containers?.[0]?.log_endpoint ?? "");
  expect(await response.text()).toBe("dstack-proxy-1: running\n");
});

test("the oldest update replaces single members of the app-compose", async () => {
  await using sandbox = await startTestSandbox();
  const body = { compose_manifest: { docker_compose_file: YAML } };
  const answer = await sandbox.call("PUT", "/cvms/web-phala/compose", body);
  expect(answer).toMatchObject({ status: 202, body: { status: "in_progress" } });
  await sandbox.advance(11_000);
  expect(await sandbox.call("GET", "/cvms/web-phala")).toMatchObject({
    body: { compose_file: { docker_compose_file: YAML, allowed_envs: ["DATABASE_URL", "API_TOKEN"] } },
  });
});

test("the instance ids of several CVMs are refreshed", async () => {
  await using sandbox = await startTestSandbox();
  const answer = await sdk.refreshCvmInstanceIds(sandbox.client, { limit: 3, running_only: true });
  expect(answer).toMatchObject({ scanned: 3, unchanged: 3, updated: 0 });
});
