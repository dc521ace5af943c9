import type { Hono } from "hono";
import { z } from "zod";
import { INSTANCE_TYPES } from "../../catalog/instance-types.ts";
import { type KmsService, listKms } from "../../catalog/kms.ts";
import { NODE_LIST, type Node } from "../../catalog/nodes.ts";
import { listImagesFor, OS_IMAGES } from "../../catalog/os-images.ts";
import { plainError } from "../../http/api-error.ts";
import type { ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { readQuery } from "../../http/validation.ts";
import { describeKmsNode } from "../../wire/kms.ts";
import type { World } from "../../world.ts";

const imagesQuery = z.looseObject({
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(100).default(20),
  is_dev: z.stringbool().optional(),
});

/** What can be ordered: sizes, images, nodes. */
export function registerCatalog(app: Hono<ApiEnv>, world: World): void {
  const kmsList = listKms(world.kms);

  app.get("/instance-types", () => {
    const families = ["cpu", "gpu"].map((name) => {
      const items = INSTANCE_TYPES.filter((type) => type.family === name);
      return { name, items, total: items.length };
    });
    return jsonResponse(200, { result: families });
  });

  app.get("/instance-types/:family", (c) => {
    const family = c.req.param("family");
    const items = INSTANCE_TYPES.filter((type) => type.family === family);
    if (items.length === 0) throw plainError(404, "Instance type family not found");
    return jsonResponse(200, { items, total: items.length, family });
  });

  app.get("/os-images", (c) => {
    const { page, page_size: size, is_dev: isDev } = readQuery(imagesQuery, c.req.url);
    const all = OS_IMAGES.filter((image) => image.enabled && (isDev === undefined || image.isDev === isDev));
    const items = all.slice((page - 1) * size, page * size).map((image) => ({
      name: image.name,
      slug: image.slug,
      version: image.version.join("."),
      os_image_hash: image.hash,
      is_dev: image.isDev,
      requires_gpu: image.requiresGpu,
    }));
    const pages = Math.ceil(all.length / size);
    return jsonResponse(200, { items, total: all.length, page, page_size: size, pages });
  });

  app.get("/teepods/available", () =>
    jsonResponse(200, {
      tier: "pro",
      capacity: { max_instances: 200, max_vcpu: 512, max_memory: 1_048_576, max_disk: 20_480 },
      nodes: NODE_LIST.map((node) => describeNode(node, kmsList)),
      kms_list: kmsList.map(describeKmsNode),
    }),
  );
}

function describeNode(node: Node, kmsList: readonly KmsService[]) {
  return {
    teepod_id: node.id,
    name: node.name,
    listed: true,
    resource_score: 0.8,
    remaining_vcpu: 128,
    remaining_memory: 524_288,
    remaining_cvm_slots: 48,
    remaining_disk: 8_192,
    images: listImagesFor(node.hasGpu)
      .filter((image) => image.enabled)
      .map((image) => ({
        name: image.name,
        slug: image.slug,
        is_dev: image.isDev,
        version: image.version,
        os_image_hash: image.hash,
        requires_gpu: image.requiresGpu,
        enabled: true,
      })),
    support_onchain_kms: true,
    fmspc: node.fmspc,
    device_id: node.deviceId,
    device_ids: [{ device_id: node.deviceId, algorithm_version: 1, enabled: true }],
    region_identifier: node.region,
    default_kms: "phala",
    kms_list: kmsList.map((kms) => kms.slug),
  };
}
