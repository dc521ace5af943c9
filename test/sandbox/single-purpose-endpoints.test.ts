import * as sdk from "@phala/cloud";
import { expect, test } from "vitest";
import { z } from "zod";
import { startTestSandbox } from "../support/sandbox-client.ts";

const WEB = { id: "web-phala" };

test("a redeployed revision brings back its compose file and its environment", async () => {
  await using sandbox = await startTestSandbox();
  const { client } = sandbox;
  const before = await sdk.getCvmDockerCompose(client, WEB);
  const appId = (await sdk.getCvmInfo(client, WEB)).app_id ?? "";
  const docker_compose_file = "services:\n  a:\n    image: nginx:1.27.3\n";
  await sdk.patchCvm(client, { ...WEB, docker_compose_file, encrypted_env: "00".repeat(60) });
  await sandbox.advance(11_000);
  const { revisions } = await sdk.getAppRevisions(client, { appId });
  const first = revisions.at(-1)?.revision_id;
  const redeploy = await sandbox.call("POST", `/apps/${appId}/revisions/${first}/redeploy`);
  expect(redeploy).toMatchObject({ status: 202, body: { status: "in_progress" } });
  await sandbox.advance(10_000);
  expect(await sdk.getCvmDockerCompose(client, WEB)).toBe(before);
  expect(await sandbox.guestEnv("web-phala")).toMatchObject({
    env: [{ key: "DATABASE_URL" }, { key: "API_TOKEN" }],
  });
});

test("listing, scheduled deletion and the instance id are changed without an operation", async () => {
  await using sandbox = await startTestSandbox();
  const at = "2027-01-01T00:00:00Z";
  const listed = await sandbox.call("PATCH", "/cvms/web-phala/listed", { listed: false });
  const scheduled = await sandbox.call("PATCH", "/cvms/web-phala/scheduled-delete", {
    scheduled_delete_at: at,
  });
  expect([listed.status, scheduled.status]).toEqual([200, 200]);
  expect(await sdk.refreshCvmInstanceId(sandbox.client, WEB)).toMatchObject({
    cvm_id: 0,
    status: "unchanged",
  });
  expect(await sdk.getCvmInfo(sandbox.client, WEB)).toMatchObject({
    listed: false,
    status: "running",
    progress: null,
  });
  const flat = await sandbox.call("GET", "/cvms/web-phala", undefined, { "x-phala-version": "2025-10-28" });
  expect(flat.body).toMatchObject({ scheduled_delete_at: at });
});

test("batch-stop stops the named CVMs and no others", async () => {
  await using sandbox = await startTestSandbox();
  const answer = await sandbox.call("POST", "/cvms/batch-stop", ["fleet-01", "fleet-02"]);
  expect(answer).toMatchObject({ status: 200, body: { total: 2 } });
  await sandbox.advance(1_000);
  expect(await sdk.getCvmState(sandbox.client, { id: "fleet-02" })).toMatchObject({ status: "stopped" });
  expect(await sdk.getCvmState(sandbox.client, { id: "fleet-03" })).toMatchObject({ status: "running" });
});

test("the upgrade to the official script can be done once, then the script is the latest", async () => {
  await using sandbox = await startTestSandbox();
  const path = "/cvms/web-phala/pre-launch-script";
  expect((await sandbox.call("GET", `${path}/upgrade-status`)).body).toMatchObject({ can_upgrade: true });
  const upgrade = await sandbox.call("POST", `${path}/upgrade-to-latest-official`);
  expect(upgrade).toMatchObject({ status: 202, body: { status: "in_progress" } });
  await sandbox.advance(11_000);
  expect((await sandbox.call("GET", `${path}/upgrade-status`)).body).toMatchObject({ is_latest: true });
  const again = await sandbox.call("POST", `${path}/upgrade-to-latest-official`);
  expect(again.body).toMatchObject({ status: "no_change" });
});

test("an OS image can be named by its slug", async () => {
  await using sandbox = await startTestSandbox();
  const images = await sandbox.call("GET", "/cvms/web-phala/available-os-images");
  const [newest] = z
    .array(z.object({ prod: z.object({ slug: z.string() }) }))
    .parse(z.array(z.unknown()).parse(images.body).slice(0, 1));
  const answer = await sandbox.call("PATCH", "/cvms/web-phala/os-image", {
    os_image_name: newest?.prod.slug,
  });
  expect(answer.status).toBe(202);
});
