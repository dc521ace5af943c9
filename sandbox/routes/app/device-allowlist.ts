import type { Hono } from "hono";
import { plainError } from "../../http/api-error.ts";
import type { ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { describeCvmId } from "../../wire/cvm-item.ts";
import { findChain, type World } from "../../world.ts";
import { requireInstances } from "./instances.ts";

/** Register `GET /apps/{id}/device-allowlist`: the devices that the app contract allows or that run the app. */
export function registerAppDeviceAllowlist(app: Hono<ApiEnv>, world: World): void {
  app.get("/apps/:app/device-allowlist", async (c) => {
    const instances = requireInstances(c);
    const [{ appId, kms }] = instances;
    const chain = findChain(world, kms);
    const contract = await chain?.findApp(appId);
    if (chain === null || contract == null)
      throw plainError(404, "The KMS of the app is not on chain, so the app has no contract.");
    const listed = await chain.listDevices(appId);
    const known = new Set([...listed, ...instances.map((cvm) => cvm.node.deviceId)]);
    return jsonResponse(200, {
      is_onchain_kms: true,
      allow_any_device: contract.allowAnyDevice,
      chain_id: kms.chainId,
      app_contract_address: `0x${appId}`,
      devices: [...known].map((deviceId) => {
        const users = instances.filter((cvm) => cvm.node.deviceId === deviceId);
        return {
          device_id: deviceId,
          node_name: users[0]?.node.name ?? null,
          cvm_ids: users.map((cvm) => describeCvmId(cvm, c.get("version"))),
          allowed_onchain: listed.includes(deviceId),
          status: users.length > 0 ? "in_use" : "unused",
        };
      }),
    });
  });
}
