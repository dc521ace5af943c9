import * as sdk from "@phala/cloud";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { startTestSandbox } from "../support/sandbox-client.ts";

const WEB = { id: "web-phala" };

describe("the official SDK reads", () => {
  test("one CVM, in every form of its identifier", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    const info = await sdk.getCvmInfo(client, WEB);
    expect(info).toMatchObject({ name: "web-phala", status: "running", kms_type: "phala", progress: null });
    const { id, vm_uuid: uuid, app_id: appId, instance_id: instanceId } = info;
    const forms = [id, uuid, uuid?.replaceAll("-", ""), uuid?.toUpperCase(), appId, `app_${appId}`];
    for (const form of [...forms, `instance_${instanceId}`, "web-phala"]) {
      expect((await sdk.getCvmInfo(client, { id: form ?? "" })).id).toBe(id);
    }
  });

  test("the list page by page, without gaps or repeats", async () => {
    await using sandbox = await startTestSandbox();
    const first = await sdk.getCvmList(sandbox.client, { page: 1, page_size: 20 });
    const second = await sdk.getCvmList(sandbox.client, { page: 2, page_size: 20 });
    const third = await sdk.getCvmList(sandbox.client, { page: 3, page_size: 20 });
    expect(first).toMatchObject({ page: 1, page_size: 20, total: 44, pages: 3 });
    expect(first.items).toHaveLength(20);
    expect(third.items).toHaveLength(4);
    const ids = [...first.items, ...second.items, ...third.items].map((item) =>
      "id" in item ? item.id : "",
    );
    expect(new Set(ids).size).toBe(44);
  });

  test("the compose file, whose compact hash in the SDK is the compose hash of the CVM", async () => {
    await using sandbox = await startTestSandbox();
    const info = await sdk.getCvmInfo(sandbox.client, WEB);
    const { body: compose } = await sandbox.call("GET", "/cvms/web-phala/compose_file");
    const appCompose = z.object({ runner: z.string() }).catchall(z.json()).parse(compose);
    expect(sdk.getComposeHash(appCompose)).toBe("compose_hash" in info && info.compose_hash);
    const { body } = await sandbox.call("GET", "/cvms/web-phala/attestation");
    expect(body).toMatchObject({ tcb_info: { app_compose: await rawText(sandbox.url, "web-phala") } });
  });

  test("the compose file of 2025, whose indented hash in the SDK is the compose hash of the CVM", async () => {
    await using sandbox = await startTestSandbox();
    const id = "web-base-indented";
    const info = await sdk.getCvmInfo(sandbox.client, { id });
    const compose = await sdk.getCvmComposeFile(sandbox.client, { id });
    expect("compose_hash" in info && info.compose_hash).toBe(compose.getHash());
    expect(compose.toString()).toBe(await rawText(sandbox.url, id));
  });

  test("the Docker Compose file and the script, also when the server sends them as JSON strings", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    const yaml = await sdk.getCvmDockerCompose(client, WEB);
    expect(yaml).toMatch(/^services:\n {2}proxy:\n/);
    expect(await sdk.getCvmPreLaunchScript(client, WEB)).toMatch(/^#!\/bin\/bash\n/);
    expect(await sdk.getCvmDockerCompose(client, { id: "json-text" })).toBe(yaml);
    expect((await sandbox.call("GET", "/cvms/json-text/docker-compose.yml")).body).toBe(yaml);
    const none = await sandbox.call("GET", "/cvms/no-script/pre-launch-script");
    expect(none).toMatchObject({ status: 200, body: "" });
  });

  test("OS images by version, of which exactly one is current", async () => {
    await using sandbox = await startTestSandbox();
    const images = await sdk.getAvailableOsImages(sandbox.client, WEB);
    expect(images[0]?.version).toEqual([0, 5, 6]);
    expect(images.map((image) => image.version.length)).toContain(4);
    const variants = images.flatMap(({ prod, dev }) => [prod, dev]);
    expect(variants.filter((variant) => variant?.is_current).map((variant) => variant?.name)).toEqual([
      "dstack-0.5.5",
    ]);
  });

  test("state, stats, network, containers, attestation and user config of a running CVM", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    expect(await sdk.getCvmState(client, WEB)).toMatchObject({ name: "web-phala", status: "running" });
    const stats = await sdk.getCvmStats(client, WEB);
    expect(stats).toMatchObject({ is_online: true, error: null, sysinfo: { num_cpus: 1 } });
    expect(stats.sysinfo?.total_memory).toBe(2 * 1024 ** 3);
    expect((await sdk.getCvmNetwork(client, WEB)).public_urls).toHaveLength(1);
    const { containers } = await sdk.getCvmContainersStats(client, WEB);
    expect(containers?.map((container) => container.names)).toEqual([
      ["/dstack-proxy-1"],
      ["/dstack-app-1"],
      ["/dstack-cache-1"],
    ]);
    const attestation = await sdk.getCvmAttestation(client, WEB);
    expect(attestation.tcb_info?.app_compose).toBe(await rawText(sandbox.url, "web-phala"));
    expect(await sdk.getCvmUserConfig(client, WEB)).toEqual({
      hostname: "web-phala",
      ssh_authorized_keys: [],
      default_gateway_domain: null,
    });
  });

  test("an offline node: 200 with an error, but 502 for the user config", async () => {
    await using sandbox = await startTestSandbox();
    const offline = { id: "offline-node" };
    const stats = await sdk.getCvmStats(sandbox.client, offline);
    expect(stats).toMatchObject({ is_online: false, sysinfo: null, error: expect.any(String) });
    expect(await sdk.getCvmNetwork(sandbox.client, offline)).toMatchObject({ is_online: false });
    expect(await sdk.getCvmAttestation(sandbox.client, offline)).toMatchObject({ tcb_info: null });
    await expect(sdk.getCvmUserConfig(sandbox.client, offline)).rejects.toMatchObject({ status: 502 });
  });

  test("the status of many CVMs, without unknown ones", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    const uuid = (await sdk.getCvmInfo(client, WEB)).vm_uuid ?? "";
    const unknown = "00000000-0000-4000-8000-000000000000";
    const batch = await sdk.getCvmStatusBatch(client, { vmUuids: [uuid.replaceAll("-", ""), unknown] });
    expect(Object.keys(batch)).toEqual([uuid]);
    expect(batch[uuid]).toMatchObject({ status: "running", in_progress: false, boot_progress: "done" });
    const newest = await sandbox.call(
      "POST",
      "/status/batch",
      { vm_uuids: [uuid] },
      { "x-phala-version": "2026-05-22" },
    );
    expect(newest.body).toMatchObject({
      [uuid]: { operation: null, resource_usage: { cpu_percent: expect.any(Number) } },
    });
    expect(newest.body).not.toHaveProperty([uuid, "operation_type"]);
  });

  test("the user, KMSs, nodes, images, workspaces and apps", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    expect(await sdk.getCurrentUser(client)).toMatchObject({ user: { username: "sandbox" } });
    const kms = await sdk.getKmsList(client);
    expect(kms.items.map(({ slug, chain_id }) => [slug, chain_id])).toEqual([
      ["phala", null],
      ["kms-base-prod9", 8453],
      ["kms-ethereum-prod9", 1],
    ]);
    expect((await sdk.getKmsList(client, { is_onchain: false })).total).toBe(1);
    expect((await sdk.getAvailableNodes(client)).nodes).toHaveLength(4);
    expect((await sdk.getOsImages(client)).items.length).toBeGreaterThan(3);
    expect((await sdk.listAllInstanceTypeFamilies(client)).result).toHaveLength(2);
    const [workspace] = (await sdk.listWorkspaces(client)).data;
    const slug = workspace?.slug ?? "";
    expect((await sdk.getWorkspaceQuotas(client, { teamSlug: slug })).quotas.vm_slots.limit).toBe(200);
    expect((await sdk.getWorkspaceNodes(client, { teamSlug: slug })).total).toBe(4);
    const apps = await sdk.getAppList(client, { page_size: 100 });
    expect(apps.total).toBe(43);
    expect((await sdk.getKmsOnChainDetail(client, { chain: "base" })).chain_id).toBe(8453);
  });

  test("an app with its CVMs, revisions, attestation, contract and devices", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    const appId = (await sdk.getCvmInfo(client, { id: "web-base" })).app_id ?? "";
    expect(await sdk.getAppCvms(client, { appId })).toHaveLength(1);
    expect(await sdk.getAppInfo(client, { appId })).toMatchObject({ name: "web-base", cvm_count: 1 });
    const { revisions } = await sdk.getAppRevisions(client, { appId });
    expect(revisions).toMatchObject([{ operation_type: "deploy" }]);
    const revisionId = revisions[0]?.revision_id ?? "";
    const detail = await sdk.getAppRevisionDetail(client, { appId, revisionId, rawComposeFile: true });
    expect(detail.compose_file).toEqual(expect.stringMatching(/^\{"allowed_envs":\["DATABASE_URL",/));
    expect(await sdk.getAppAttestation(client, { appId })).toMatchObject({
      instances: [{ name: "web-base" }],
    });
    expect(await sdk.getAppDeviceAllowlist(client, { appId })).toMatchObject({
      allow_any_device: false,
      devices: [{ allowed_onchain: true }],
    });
    expect(await sdk.checkCvmIsAllowed(client, { cvmId: "web-base" })).toMatchObject({ is_allowed: true });
    expect(await sdk.checkAppCvmsIsAllowed(client, { appId })).toMatchObject({ allowed_count: 1 });
  });

  test("the flat objects of version 2025-10-28", async () => {
    await using sandbox = await startTestSandbox();
    const client = sandbox.client.withVersion("2025-10-28");
    expect(await sdk.getCvmInfo(client, WEB)).toMatchObject({ id: 0, memory: 2048, disk_size: 20 });
    expect((await sdk.getCvmList(client)).items[0]).toMatchObject({ hosted: { name: "web-phala" } });
    expect(await sdk.getCurrentUser(client)).toMatchObject({ team_tier: "pro" });
    expect((await sdk.getAppList(client, { page_size: 100 })).dstack_apps).toHaveLength(43);
  });
});

async function rawText(url: string, name: string): Promise<string> {
  const response = await fetch(`${url}/cvms/${name}/compose_file?raw=1`, {
    headers: { "x-api-key": "sandbox-demo" },
  });
  return response.text();
}
