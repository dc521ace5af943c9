import type { Hono } from "hono";
import { isOnChain } from "../../catalog/kms.ts";
import type { ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { findChain, type World } from "../../world.ts";
import { requireInstances } from "./instances.ts";

/** Register `GET /apps/{id}/kms-info`: where the contracts of the app are, and who owns its own. */
export function registerAppKmsInfo(app: Hono<ApiEnv>, world: World): void {
  app.get("/apps/:app/kms-info", async (c) => {
    const [{ appId, kms }] = requireInstances(c);
    const onChain = isOnChain(kms);
    const contract = await findChain(world, kms)?.findApp(appId);
    const owner = contract?.owner ?? null;
    return jsonResponse(200, {
      is_onchain_kms: onChain,
      chain_id: kms.chainId,
      kms_contract_address: kms.contractAddress,
      app_contract_address: onChain ? `0x${appId}` : null,
      deployer_address: owner,
      deployer_type: owner === null ? null : "eoa",
      is_contract: false,
      safe_app_url: null,
    });
  });
}
