import * as sdk from "@phala/cloud";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { startTestSandbox, type TestSandbox } from "../support/sandbox-client.ts";

const WEB = { id: "web-phala" };
const BUSY = { status: 409, body: { detail: "Another operation is already in progress" } };

/** Collect the states of a CVM, second by second, without repeats. */
async function follow(sandbox: TestSandbox, id: string, seconds: number): Promise<string[]> {
  const seen: string[] = [];
  for (let second = 0; second <= seconds; second += 1) {
    const state = await sdk.getCvmState(sandbox.client, { id });
    const step =
      `${state.status} ${state.boot_error ?? state.boot_progress ?? state.shutdown_progress ?? ""}`.trim();
    if (seen.at(-1) !== step) seen.push(step);
    await sandbox.advance(1_000);
  }
  return seen;
}

describe("an accepted update", () => {
  test("shuts down, boots step by step, and ends after ten seconds", async () => {
    await using sandbox = await startTestSandbox();
    await sdk.patchCvm(sandbox.client, { ...WEB, vcpu: 2 });
    expect(await follow(sandbox, "web-phala", 10)).toEqual([
      "shutting_down",
      "shutting_down powering off",
      "stopped",
      "starting requesting app keys",
      "starting mounting data disk",
      "starting data disk ready",
      "starting setting up dstack-gateway",
      "starting setting up docker",
      "starting pre-launch",
      "starting starting containers",
      "running done",
    ]);
  });

  test("skips boot steps that do not apply to the CVM", async () => {
    await using sandbox = await startTestSandbox();
    await sdk.patchCvm(sandbox.client, { id: "no-script", vcpu: 2 });
    expect(await follow(sandbox, "no-script", 10)).not.toContain("starting pre-launch");
  });

  test("has one correlation id in the CVM, the batch status and the operations", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    const result = await sdk.patchCvm(client, { ...WEB, vcpu: 2 });
    const correlation_id = result.requiresOnChainHash ? "" : result.correlationId;
    const info = await sdk.getCvmInfo(client, WEB);
    expect(info).toMatchObject({ progress: { target: "running", correlation_id } });
    const uuid = info.vm_uuid ?? "";
    const batch = await sandbox.call(
      "POST",
      "/status/batch",
      { vm_uuids: [uuid] },
      { "x-phala-version": "2026-05-22" },
    );
    expect(batch.body).toMatchObject({
      [uuid]: { in_progress: true, operation: { phase: "shutdown", correlation_id } },
    });
    expect(await sdk.getCvmStatusBatch(client, { vmUuids: [uuid] })).toMatchObject({
      [uuid]: { correlation_id },
    });
    expect(await sdk.getCvmStats(client, WEB)).toMatchObject({ in_progress: true, is_online: false });
    const status = await sandbox.call("GET", "/cvms/web-phala/operation-status");
    expect(status.body).toMatchObject({ status: "in_progress", operation: { correlation_id } });
    await sandbox.advance(10_000);
    const { body } = await sandbox.call("GET", "/cvms/web-phala/operations");
    expect(body).toMatchObject({
      items: [{ correlation_id, status: "completed", duration_ms: 10_000, operation_type: "config_update" }],
      next_cursor: null,
    });
  });

  test("is applied when the CVM is stopped, and adds a revision", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    const before = await sdk.getCvmDockerCompose(client, WEB);
    const yaml = "services:\n  only:\n    image: nginx:1.27.3\n";
    await sdk.patchCvm(client, { ...WEB, docker_compose_file: yaml });
    await sandbox.advance(1_999);
    expect(await sdk.getCvmDockerCompose(client, WEB)).toBe(before);
    await sandbox.advance(1);
    expect(await sdk.getCvmDockerCompose(client, WEB)).toBe(yaml);
    const appId = (await sdk.getCvmInfo(client, WEB)).app_id ?? "";
    const { revisions } = await sdk.getAppRevisions(client, { appId });
    expect(revisions.map((revision) => revision.operation_type)).toEqual(["update", "deploy"]);
  });

  test("locks the CVM until one second after its end", async () => {
    await using sandbox = await startTestSandbox();
    const patch = () => sandbox.call("PATCH", "/cvms/web-phala", { user_config: "again" });
    await sdk.patchCvm(sandbox.client, { ...WEB, vcpu: 2 });
    expect(await patch()).toMatchObject(BUSY);
    expect((await patch()).body).not.toHaveProperty("error_code");
    await sandbox.advance(10_999);
    expect(await sdk.getCvmInfo(sandbox.client, WEB)).toMatchObject({ status: "running", progress: null });
    expect(await patch()).toMatchObject(BUSY);
    await sandbox.advance(1);
    expect(await patch()).toMatchObject({ status: 202 });
  });

  test("answers no_change when the CVM has the configuration already", async () => {
    await using sandbox = await startTestSandbox();
    const docker_compose_file = await sdk.getCvmDockerCompose(sandbox.client, WEB);
    const same = {
      docker_compose_file,
      vcpu: 1,
      public_logs: true,
      image: "dstack-0.5.5",
      shutdown_timeout: null,
    };
    for (const body of [same, {}]) {
      const answer = await sandbox.call("PATCH", "/cvms/web-phala", body);
      expect(answer).toMatchObject({ status: 202 });
      expect(answer.body).toEqual({ status: "no_change", message: "Compose configuration unchanged" });
    }
    expect((await sdk.getCvmInfo(sandbox.client, WEB)).status).toBe("running");
  });

  test("is applied to a CVM that is off, which stays off", async () => {
    await using sandbox = await startTestSandbox();
    await sdk.patchCvm(sandbox.client, { id: "stopped-app", vcpu: 2 });
    await sandbox.advance(2_000);
    const info = await sdk.getCvmInfo(sandbox.client, { id: "stopped-app" });
    expect(info).toMatchObject({ status: "stopped", progress: null, resource: { vcpu: 2 } });
  });

  test("whose boot fails leaves an exited CVM and a failed operation with the boot error", async () => {
    await using sandbox = await startTestSandbox();
    await sdk.patchCvm(sandbox.client, { id: "boot-fails", vcpu: 2 });
    const seen = await follow(sandbox, "boot-fails", 10);
    expect(seen.at(-1)).toBe("exited failed to start containers");
    const { body } = await sandbox.call("GET", "/cvms/boot-fails/operations");
    expect(body).toMatchObject({
      items: [{ status: "failed", error_message: "failed to start containers" }],
    });
  });
});

describe("lifecycle calls", () => {
  test("cancel the running operation with stop, and drop a change that was not applied yet", async () => {
    await using sandbox = await startTestSandbox();
    await sdk.patchCvm(sandbox.client, { ...WEB, vcpu: 4 });
    expect(await sandbox.call("POST", "/cvms/web-phala/shutdown")).toMatchObject(BUSY);
    expect(await sdk.stopCvm(sandbox.client, WEB)).toMatchObject({
      status: "stopping",
      id: 0,
      user_id: null,
    });
    await sandbox.advance(60_000);
    const info = await sdk.getCvmInfo(sandbox.client, WEB);
    expect(info).toMatchObject({ status: "stopped", resource: { vcpu: 1 } });
    const { body } = await sandbox.call("GET", "/cvms/web-phala/operations");
    expect(body).toMatchObject({
      items: [{ status: "completed", operation_type: "power_off" }, { status: "failed" }],
    });
  });

  test("answer with string ids since version 2026-05-22", async () => {
    await using sandbox = await startTestSandbox();
    const answer = await sandbox.call("POST", "/cvms/web-phala/stop", undefined, {
      "x-phala-version": "2026-05-22",
    });
    expect(answer.body).toMatchObject({
      id: expect.stringMatching(/^cvm_/),
      user_id: expect.stringMatching(/^usr_/),
    });
    expect(answer.body).not.toHaveProperty("correlation_id");
  });

  test("on busy-updating answer 409 until a forced stop", async () => {
    await using sandbox = await startTestSandbox();
    await sandbox.advance(24 * 3_600_000);
    expect(await sandbox.call("PATCH", "/cvms/busy-updating", { vcpu: 2 })).toMatchObject(BUSY);
    expect(await sandbox.call("POST", "/cvms/busy-updating/stop")).toMatchObject({ status: 200 });
  });

  test("start operations whose pages do not shift when newer ones start", async () => {
    await using sandbox = await startTestSandbox();
    for (let count = 0; count < 3; count += 1) await sandbox.call("POST", "/cvms/web-phala/stop");
    const first = await sandbox.call("GET", "/cvms/web-phala/operations?limit=2");
    const { next_cursor: cursor } = z.object({ next_cursor: z.string() }).parse(first.body);
    await sandbox.call("POST", "/cvms/web-phala/stop");
    const rest = await sandbox.call("GET", `/cvms/web-phala/operations?limit=2&cursor=${cursor}`);
    expect(rest.body).toMatchObject({ items: [{ operation_type: "power_off" }], next_cursor: null });
  });
});

describe("the state stream", () => {
  test("sends a state and then complete when the CVM has the target status, and ends", async () => {
    await using sandbox = await startTestSandbox();
    const response = await openStream(sandbox, "target=running");
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const text = await response.text();
    expect(text).toMatch(
      /^event: state\ndata: \{.*\}\n\nevent: complete\ndata: \{"status":"running","elapsed":0,"target":"running"\}\n\n$/,
    );
  });

  test("times out on the sandbox clock", async () => {
    await using sandbox = await startTestSandbox();
    const response = await openStream(sandbox, "target=stopped&timeout=10");
    await sandbox.advance(10_000);
    expect(await response.text()).toMatch(
      /event: timeout\ndata: \{"error":.*"elapsed":10,"target":"stopped"\}\n\n$/,
    );
  });

  test("answers 429 to the sixth stream of a key, and 422 to an invalid interval", async () => {
    await using sandbox = await startTestSandbox();
    const streams = await Promise.all(Array.from({ length: 5 }, () => openStream(sandbox, "target=stopped")));
    const sixth = await openStream(sandbox, "target=stopped");
    expect([...streams.map((stream) => stream.status), sixth.status]).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await openStream(sandbox, "target=stopped", "sandbox-other")).status).toBe(200);
    expect((await openStream(sandbox, "target=stopped&interval=4")).status).toBe(422);
    await sandbox.advance(300_000);
    await Promise.all(streams.map((stream) => stream.text()));
    expect((await openStream(sandbox, "target=running")).status).toBe(200);
  });
});

function openStream(sandbox: TestSandbox, query: string, key = "sandbox-demo"): Promise<Response> {
  return fetch(`${sandbox.url}/cvms/web-phala/state?${query}`, { headers: { "x-api-key": key } });
}
