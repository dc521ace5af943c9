import type { Hono } from "hono";
import { isOnChain } from "../../catalog/kms.ts";
import type { ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { describeAttestation } from "../../wire/attestation.ts";
import type { World } from "../../world.ts";
import { requireInstances } from "./instances.ts";

/** Register `GET /apps/{id}/attestations`. */
export function registerAppAttestations(app: Hono<ApiEnv>, world: World): void {
  app.get("/apps/:app/attestations", (c) => {
    const instances = requireInstances(c);
    const [{ appId, kms }] = instances;
    return jsonResponse(200, {
      app_id: appId,
      contract_address: isOnChain(kms) ? `0x${appId}` : "",
      kms_info: {
        contract_address: kms.contractAddress ?? "",
        chain_id: kms.chainId === null ? null : String(kms.chainId),
        version: kms.version,
        url: kms.url,
        gateway_app_id: kms.gatewayAppId,
        gateway_app_url: "https://gateway.dstack.sandbox.invalid",
        kms_type: kms.type,
      },
      instances: instances.map((cvm) => ({
        ...describeAttestation(cvm, world.clock.now()),
        name: cvm.name,
        vm_uuid: cvm.vmUuid,
        instance_id: cvm.instanceId,
        device_id: cvm.node.deviceId,
        image_version: cvm.config.image.name,
        quote: null,
      })),
      kms_guest_agent_info: null,
      gateway_guest_agent_info: null,
      qemu_version: null,
    });
  });
}
