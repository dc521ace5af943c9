import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { CONFIGURE, listWrites, UPDATE_RESOURCES } from "../support/mutations.ts";

describe("updateCvmResources", () => {
  it("sends the given values, and shares one read between its lock and the check of the disk size", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(UPDATE_RESOURCES, {
      input: { id: "web-phala", vcpu: 2, memoryMb: 4096, allowRestart: true },
    });
    expect(data.updateCvmResources).toMatchObject({
      status: "IN_PROGRESS",
      correlationId: expect.any(String),
    });
    expect((await gateway.calls()).map(({ method, body }) => [method, body])).toEqual([
      ["GET", null],
      ["PATCH", { vcpu: 2, memory: 4096, allow_restart: true }],
    ]);
    await gateway.advance(11_000);
    const grown = await gateway.ask(UPDATE_RESOURCES, { input: { id: "web-phala", diskSizeGb: 21 } });
    expect(grown.errors).toBeUndefined();
    expect((await gateway.calls()).map(({ method }) => method)).toEqual(["GET", "PATCH"]);
  });

  it.each([
    [{ vcpu: 1.5 }, "input.vcpu"],
    [{ memoryMb: 0 }, "input.memoryMb"],
    [{ diskSizeGb: -1 }, "input.diskSizeGb"],
    [{ vcpu: 1e300 }, "input.vcpu"],
    [{ instanceType: " " }, "input.instanceType"],
    [{ allowRestart: true }, "input"],
    [{}, "input"],
  ])("rejects %j and sends nothing", async (input, path) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(UPDATE_RESOURCES, { input: { id: "web-phala", ...input } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", fields: [{ path }] });
    expect(await gateway.calls()).toEqual([]);
  });

  it.each([
    ["vcpu", 1_025, "1 to 1024"],
    ["memoryMb", 16 * 1024 * 1024 + 1, "1 to 16777216"],
    ["diskSizeGb", 1024 * 1024 + 1, "1 to 1048576"],
    ["vcpu", 0, "1 to 1024"],
  ])("has the range of configureCvm for %s: %d", async (field, value, range) => {
    await using gateway = await startGateway();
    for (const query of [UPDATE_RESOURCES, CONFIGURE]) {
      const { errors } = await gateway.ask(query, { input: { id: "web-phala", [field]: value } });
      expect(errors?.[0]?.extensions["fields"]).toEqual([
        { path: `input.${field}`, message: `Expected a whole number from ${range}.` },
      ]);
    }
    expect(await gateway.calls()).toEqual([]);
  });

  it("rejects a smaller disk before the write, and reports the present size", async () => {
    await using gateway = await startGateway();
    for (const query of [UPDATE_RESOURCES, CONFIGURE]) {
      const { errors } = await gateway.ask(query, { input: { id: "web-base", diskSizeGb: 39 } });
      expect(errors?.[0]?.extensions).toMatchObject({
        code: "BAD_USER_INPUT",
        fields: [{ path: "input.diskSizeGb" }],
      });
      expect(errors?.[0]?.message).toContain("40 GB");
      expect(listWrites(await gateway.calls())).toEqual([]);
    }
  });

  it("maps a rejection by the REST API to the input field that caused it", async () => {
    await using gateway = await startGateway();
    const type = await gateway.ask(UPDATE_RESOURCES, {
      input: { id: "web-phala", instanceType: "tdx.none" },
    });
    expect(type.errors?.[0]?.extensions).toMatchObject({ code: "RESOURCE_UNAVAILABLE" });
    const memory = await gateway.ask(UPDATE_RESOURCES, { input: { id: "web-phala", memoryMb: 100 } });
    expect(memory.errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "input.memoryMb" }],
    });
  });

  it("sends the request when the present disk size cannot be read, and leaves the decision to the REST API", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(UPDATE_RESOURCES, {
      input: { id: "fails-malformed", diskSizeGb: 10 },
    });
    expect(errors?.[0]?.extensions.code).toBe("UPSTREAM_MALFORMED");
    expect(listWrites(await gateway.calls())).toEqual(["PATCH /cvms/fails-malformed/resources"]);
  });

  it("fails with NOT_FOUND and writes nothing when the CVM does not exist", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(UPDATE_RESOURCES, { input: { id: "no-such-cvm", diskSizeGb: 10 } });
    expect(errors?.[0]?.extensions.code).toBe("NOT_FOUND");
    expect(listWrites(await gateway.calls())).toEqual([]);
  });
});
