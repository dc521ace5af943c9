import * as sdk from "@phala/cloud";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { startTestSandbox } from "../support/sandbox-client.ts";

const NEWEST = { "x-phala-version": "2026-05-22" };

describe("failures on demand", () => {
  test("with -503 and -429 affect every request that names the CVM by any identifier, but not lists", async () => {
    await using sandbox = await startTestSandbox();
    const list = await sandbox.call("GET", "/cvms", undefined, NEWEST);
    const cvms = z
      .array(z.object({ name: z.string(), id: z.string(), vm_uuid: z.string() }))
      .parse(list.body);
    const find = (name: string) => cvms.find((cvm) => cvm.name === name);
    const [down, limited] = [find("fails-503"), find("fails-429")];
    expect(await sandbox.call("GET", `/cvms/${down?.id}/stats`)).toMatchObject({
      status: 503,
      body: { detail: expect.any(String) },
    });
    expect(await sandbox.call("PATCH", `/cvms/${down?.vm_uuid}`, { vcpu: 2 })).toMatchObject({ status: 503 });
    const refused = await sandbox.call("GET", `/cvms/${limited?.id}`);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    const batch = await sandbox.call("POST", "/status/batch", { vm_uuids: [down?.vm_uuid] });
    expect(batch.body).toMatchObject({ [down?.vm_uuid ?? ""]: { status: "running" } });
  });

  test("with -malformed answer 200 with a body that every SDK schema rejects", async () => {
    await using sandbox = await startTestSandbox();
    const { client } = sandbox;
    const id = { id: "fails-malformed" };
    const reads = [
      sdk.getCvmInfo(client, id),
      sdk.getCvmState(client, id),
      sdk.getCvmStats(client, id),
      sdk.getAvailableOsImages(client, id),
      sdk.getCvmComposeFile(client, id),
      sdk.getCvmUserConfig(client, id),
    ];
    const outcomes = await Promise.allSettled(reads);
    expect(outcomes.map((one) => one.status === "rejected" && one.reason.name)).toEqual(
      reads.map(() => "ZodError"),
    );
  });

  test("with -403 answer the HTML page of an edge, and with -404 a 404 without an error code", async () => {
    await using sandbox = await startTestSandbox();
    const edge = await sandbox.call("GET", "/cvms/fails-403");
    expect(edge.status).toBe(403);
    expect(edge.headers.get("content-type")).toContain("text/html");
    expect(edge.body).toContain("<h1>Forbidden</h1>");
    const bare = await sandbox.call("PATCH", "/cvms/fails-404", { vcpu: 2 });
    expect(bare).toMatchObject({ status: 404, body: { detail: "Not Found" } });
  });

  test("with -slow answer after one minute of the sandbox clock", async () => {
    await using sandbox = await startTestSandbox();
    let answered = false;
    const slow = sandbox.call("GET", "/cvms/fails-slow").then((answer) => {
      answered = true;
      return answer;
    });
    while ((await sandbox.journal()).length === 0);
    await sandbox.advance(59_999);
    await sandbox.call("GET", "/auth/me");
    expect(answered).toBe(false);
    await sandbox.advance(1);
    expect(await slow).toMatchObject({ status: 200, body: { name: "fails-slow" } });
  });

  test("with -reset execute the request and cut the connection", async () => {
    await using sandbox = await startTestSandbox();
    await expect(sandbox.call("PATCH", "/cvms/fails-reset", { vcpu: 2 })).rejects.toThrow("fetch failed");
    expect(await sandbox.journal()).toMatchObject([{ method: "PATCH", body: { vcpu: 2 }, status: null }]);
    await sandbox.advance(10_000);
    const list = await sandbox.call("GET", "/cvms", undefined, NEWEST);
    expect(list.body).toContainEqual(
      expect.objectContaining({ name: "fails-reset", resource: expect.objectContaining({ vcpu: 2 }) }),
    );
  });

  test("apply to CVMs that were renamed to a sentinel", async () => {
    await using sandbox = await startTestSandbox();
    expect(await sandbox.call("PATCH", "/cvms/fleet-01/name", { name: "mine-503" })).toMatchObject({
      status: 204,
    });
    expect(await sandbox.call("GET", "/cvms/mine-503")).toMatchObject({ status: 503 });
  });
});
