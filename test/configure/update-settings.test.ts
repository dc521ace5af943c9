import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import {
  CONFIGURE,
  CONFIRM,
  listWrites,
  UPDATE_IMAGE,
  UPDATE_RESOURCES,
  UPDATE_VISIBILITY,
} from "../support/mutations.ts";

const images = "/cvms/web-phala/available-os-images";

describe("updateCvmResources", () => {
  it("sends what was given, after a look at the disk only where a size is given", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(UPDATE_RESOURCES, {
      input: { id: "web-phala", vcpu: 2, memoryMb: 4096, allowRestart: true },
    });
    expect(data.updateCvmResources).toMatchObject({
      status: "IN_PROGRESS",
      correlationId: expect.any(String),
    });
    expect((await gateway.calls()).map(({ method, body }) => [method, body])).toEqual([
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
  ])("refuses %j without any call", async (input, path) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(UPDATE_RESOURCES, { input: { id: "web-phala", ...input } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", fields: [{ path }] });
    expect(await gateway.calls()).toEqual([]);
  });

  it("refuses to shrink a disk before it writes, and says how large it is", async () => {
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

  it("tells the REST API's own refusal on the right field", async () => {
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

  it("leaves the decision to the REST API where the disk cannot be read", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(UPDATE_RESOURCES, {
      input: { id: "fails-malformed", diskSizeGb: 10 },
    });
    expect(errors?.[0]?.extensions.code).toBe("UPSTREAM_MALFORMED");
    expect(listWrites(await gateway.calls())).toEqual(["PATCH /cvms/fails-malformed/resources"]);
  });

  it("does not write to a CVM that the look did not find", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(UPDATE_RESOURCES, { input: { id: "no-such-cvm", diskSizeGb: 10 } });
    expect(errors?.[0]?.extensions.code).toBe("NOT_FOUND");
    expect(listWrites(await gateway.calls())).toEqual([]);
  });
});

describe("updateCvmVisibility", () => {
  it("says whether anything changes, though the answer does not", async () => {
    await using gateway = await startGateway();
    const input = { id: "web-phala", publicSysinfo: true, publicLogs: false };
    const first = await gateway.ask(UPDATE_VISIBILITY, { input });
    expect(first.data.updateCvmVisibility.status).toBe("IN_PROGRESS");
    expect(first.data.updateCvmVisibility.correlationId).toMatch(/^[0-9a-f-]{36}$/);
    expect((await gateway.calls()).map(({ method, body }) => [method, body])).toEqual([
      ["GET", null],
      ["PATCH", { public_sysinfo: true, public_logs: false }],
      ["GET", null],
    ]);
    await gateway.advance(11_000);
    const second = await gateway.ask(UPDATE_VISIBILITY, { input });
    expect(second.data.updateCvmVisibility).toMatchObject({ status: "NO_CHANGE", correlationId: null });
    const { data } = await gateway.ask(
      `{ cvm(id: "web-phala") { visibility { publicSysinfo publicLogs publicTcbinfo } } }`,
    );
    expect(data.cvm.visibility).toEqual({ publicSysinfo: true, publicLogs: false, publicTcbinfo: true });
  });

  it("needs a registered hash on chain, and confirmCvmPatch completes it", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(UPDATE_VISIBILITY, {
      input: { id: "web-base", publicSysinfo: false, publicLogs: false, publicTcbinfo: false },
    });
    const required = data.updateCvmVisibility;
    expect(required.__typename).toBe("OnChainHashRequired");
    const transactionHash = await gateway.sendTransaction(required.transaction);
    const confirmed = await gateway.ask(CONFIRM, {
      input: { id: "web-base", composeHash: required.composeHash, transactionHash },
    });
    expect(confirmed.data.confirmCvmPatch.status).toBe("IN_PROGRESS");
    await gateway.advance(10_000);
    const after = await gateway.ask(`{ cvm(id: "web-base") { visibility { publicLogs } compose { hash } } }`);
    expect(after.data.cvm).toEqual({
      visibility: { publicLogs: false },
      compose: { hash: required.composeHash },
    });
  });
});

describe("updateOsImage", () => {
  it.each([["dstack-0.5.6"], ["dstack-dev-0.5.6"]])("moves a CVM to %s", async (osImageName) => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(UPDATE_IMAGE, { input: { id: "web-phala", osImageName } });
    expect(data.updateOsImage).toMatchObject({ status: "IN_PROGRESS", correlationId: expect.any(String) });
    expect((await gateway.calls()).map(({ method, path, body }) => [method, path, body])).toEqual([
      ["GET", images, null],
      ["PATCH", "/cvms/web-phala/os-image", { os_image_name: osImageName }],
    ]);
    await gateway.advance(11_000);
    const after = await gateway.ask(`{ cvm(id: "web-phala") { os { name } } }`);
    expect(after.data.cvm.os.name).toBe(osImageName);
  });

  it("takes a slug", async () => {
    await using gateway = await startGateway();
    const found = await gateway.ask(`{ cvm(id: "web-phala") { availableOsImages { prod { slug } } } }`);
    const { slug } = found.data.cvm.availableOsImages[0].prod;
    const { data } = await gateway.ask(UPDATE_IMAGE, { input: { id: "web-phala", osImageName: slug } });
    expect(data.updateOsImage.status).toBe("IN_PROGRESS");
  });

  it.each([
    ["unknown", "dstack-9.9.9"],
    ["disabled", "dstack-0.5.4"],
    ["for a GPU", "dstack-nvidia-0.5.6"],
    ["empty", ""],
  ])("refuses an image that is %s before it writes", async (_what, image) => {
    await using gateway = await startGateway();
    for (const [query, field] of [
      [UPDATE_IMAGE, "osImageName"],
      [CONFIGURE, "image"],
    ] as const) {
      const { errors } = await gateway.ask(query, { input: { id: "web-phala", [field]: image } });
      expect(errors?.[0]?.extensions).toMatchObject({
        code: "BAD_USER_INPUT",
        fields: [{ path: `input.${field}` }],
      });
      if (image !== "") expect(errors?.[0]?.message).not.toContain(image);
      expect(listWrites(await gateway.calls())).toEqual([]);
    }
  });
});
