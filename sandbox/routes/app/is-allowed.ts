import type { Hono } from "hono";
import { z } from "zod";
import { isOnChain } from "../../catalog/kms.ts";
import { findNode } from "../../catalog/nodes.ts";
import { type Chain, ChainError } from "../../chain/chain.ts";
import { refreshState } from "../../cvm/operation.ts";
import type { Cvm } from "../../cvm/types.ts";
import { fieldError, plainError } from "../../http/api-error.ts";
import type { ApiContext, ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { parseJsonBody, parseOptionalJsonBody } from "../../http/validation.ts";
import { bareHex } from "../../identity.ts";
import { describeCvmId } from "../../wire/cvm-item.ts";
import { findChain, type World } from "../../world.ts";
import { requireInstances } from "./instances.ts";

const cvmBody = z.looseObject({
  compose_hash: z.string().nullish(),
  node_id: z.int().nullish(),
  device_id: z.string().nullish(),
});

const appBody = cvmBody.extend({ compose_hash: z.string(), chain_id: z.int().nullish() });

/** Register the checks of an app against its contract. */
export function registerAppIsAllowed(app: Hono<ApiEnv>, world: World): void {
  app.post("/apps/:app/is-allowed", async (c) => {
    const [cvm] = requireInstances(c);
    return jsonResponse(200, await checkCvm(c, world, cvm, parseJsonBody(appBody, c.get("body"))));
  });

  app.post("/apps/:app/cvms/is-allowed", async (c) => {
    const instances = requireInstances(c);
    const onChain = isOnChain(instances[0].kms);
    const results = onChain ? await Promise.all(instances.map((cvm) => checkCvm(c, world, cvm, {}))) : [];
    const allowed = results.filter((result) => result.is_allowed).length;
    const unknown = results.filter((result) => result.error !== null).length;
    return jsonResponse(200, {
      is_onchain: onChain,
      results,
      total: instances.length,
      allowed_count: allowed,
      denied_count: results.length - allowed - unknown,
      error_count: unknown,
      skipped_cvm_ids: onChain ? [] : instances.map((cvm) => describeCvmId(cvm, c.get("version"))),
    });
  });
}

/** Register `POST /cvms/{id}/is-allowed`: the check of one CVM against the contract of its app. */
export function registerCvmIsAllowed(app: Hono<ApiEnv>, world: World): void {
  app.post("/cvms/:id/is-allowed", async (c) => {
    const body = parseOptionalJsonBody(cvmBody, c.get("body"));
    return jsonResponse(200, await checkCvm(c, world, c.get("cvm"), body));
  });
}

async function checkCvm(c: ApiContext, world: World, cvm: Cvm, body: Partial<z.output<typeof cvmBody>>) {
  refreshState(cvm, world.clock.now());
  const chain = findChain(world, cvm.kms);
  if (chain === null)
    throw plainError(400, "The KMS of the app is not on chain, so the app has no contract.");
  const node = body.node_id == null ? cvm.node : findNode(body.node_id);
  if (node === undefined)
    throw fieldError(400, "ERR-01-001", "node_id", "Node not found. GET /teepods/available lists the nodes.");
  const composeHash = bareHex(body.compose_hash ?? cvm.config.compose.hash);
  const deviceId = bareHex(body.device_id ?? node.deviceId);
  return {
    cvm_id: describeCvmId(cvm, c.get("version")),
    app_contract_address: `0x${cvm.appId}`,
    compose_hash: composeHash,
    device_id: deviceId,
    ...(await checkContract(chain, cvm.appId, composeHash, deviceId)),
  };
}

async function checkContract(chain: Chain, appId: string, composeHash: string, deviceId: string) {
  try {
    const contract = await chain.findApp(appId);
    if (contract === null) return describeUnknown("App contract not found");
    const hashAllowed = await chain.isComposeHashAllowed(appId, composeHash);
    const deviceListed = await chain.isDeviceListed(appId, deviceId);
    return {
      compose_hash_allowed: hashAllowed,
      allow_any_device: contract.allowAnyDevice,
      device_id_allowed: deviceListed,
      is_allowed: hashAllowed && (contract.allowAnyDevice || deviceListed),
      error: null,
    };
  } catch (error) {
    if (error instanceof ChainError) return describeUnknown(error.message);
    throw error;
  }
}

/** Describe a chain that does not answer: 200 with `error`. The flags have no meaning then. */
function describeUnknown(error: string) {
  return {
    compose_hash_allowed: false,
    allow_any_device: false,
    device_id_allowed: null,
    is_allowed: false,
    error,
  };
}
