import type { Hono } from "hono";
import { type KmsService, listKms } from "../../catalog/kms.ts";
import { NODE_LIST, type Node } from "../../catalog/nodes.ts";
import { listImagesFor } from "../../catalog/os-images.ts";
import type { ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { describeKmsNode } from "../../wire/kms.ts";
import { WORKSPACE_LIMITS } from "../../workspace/workspace.ts";
import type { World } from "../../world.ts";

/** Register `GET /teepods/available`: the nodes that can run a new CVM ("teepod" in older names). */
export function registerNodes(app: Hono<ApiEnv>, world: World): void {
  const kmsList = listKms(world.kms);

  app.get("/teepods/available", () =>
    jsonResponse(200, {
      tier: "pro",
      capacity: {
        max_instances: WORKSPACE_LIMITS.cvms,
        max_vcpu: WORKSPACE_LIMITS.vcpu,
        max_memory: WORKSPACE_LIMITS.memoryMb,
        max_disk: WORKSPACE_LIMITS.diskGb,
      },
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
