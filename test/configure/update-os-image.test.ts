import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { CONFIGURE, listWrites, UPDATE_IMAGE } from "../support/mutations.ts";

const images = "/cvms/web-phala/available-os-images";

describe("updateOsImage", () => {
  it.each([["dstack-0.5.6"], ["dstack-dev-0.5.6"]])("moves a CVM to the image %s", async (osImageName) => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(UPDATE_IMAGE, { input: { id: "web-phala", osImageName } });
    expect(data.updateOsImage).toMatchObject({ status: "IN_PROGRESS", correlationId: expect.any(String) });
    expect((await gateway.calls()).map(({ method, path, body }) => [method, path, body])).toEqual([
      ["GET", "/cvms/web-phala", null],
      ["GET", images, null],
      ["PATCH", "/cvms/web-phala/os-image", { os_image_name: osImageName }],
    ]);
    await gateway.advance(11_000);
    const after = await gateway.ask(`{ cvm(id: "web-phala") { os { name } } }`);
    expect(after.data.cvm.os.name).toBe(osImageName);
  });

  it("accepts the slug of an image", async () => {
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
  ])("rejects an image that is %s and writes nothing", async (_what, image) => {
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
