import type { Hono } from "hono";
import { z } from "zod";
import { findNode } from "../../catalog/nodes.ts";
import { type Chain, ChainError } from "../../chain/chain.ts";
import { settle } from "../../cvm/operation.ts";
import type { Cvm } from "../../cvm/types.ts";
import { fieldError, plainError } from "../../http/api-error.ts";
import { hasStringIds } from "../../http/api-version.ts";
import type { ApiContext, ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { readJson, readOptionalJson } from "../../http/validation.ts";
import { bareHex } from "../../identity.ts";
import { findChain, type World } from "../../world.ts";
import { requireInstances } from "./apps.ts";

const cvmBody = z.looseObject({
  compose_hash: z.string().nullish(),
  node_id: z.int().nullish(),
  device_id: z.string().nullish(),
});

const appBody = cvmBody.extend({ compose_hash: z.string(), chain_id: z.int().nullish() });

/** What the app contract says, as the REST API tells it, for whole apps. */
export function registerAppIsAllowed(app: Hono<ApiEnv>, world: World): void {
  app.post("/apps/:app/is-allowed", async (c) => {
    const [cvm] = requireInstances(c);
    return jsonResponse(200, await checkCvm(c, world, cvm, readJson(appBody, c.get("body"))));
  });

  app.post("/apps/:app/cvms/is-allowed", async (c) => {
    const instances = requireInstances(c);
    const id = (cvm: Cvm) => (hasStringIds(c.get("version")) ? cvm.id : 0);
    const isOnchain = instances[0].kms.chainId !== null;
    const results = isOnchain ? await Promise.all(instances.map((cvm) => checkCvm(c, world, cvm, {}))) : [];
    const allowed = results.filter((result) => result.is_allowed).length;
    const unknown = results.filter((result) => result.error !== null).length;
    return jsonResponse(200, {
      is_onchain: isOnchain,
      results,
      total: instances.length,
      allowed_count: allowed,
      denied_count: results.length - allowed - unknown,
      error_count: unknown,
      skipped_cvm_ids: isOnchain ? [] : instances.map(id),
    });
  });

  app.get("/apps/:app/device-allowlist", async (c) => {
    const instances = requireInstances(c);
    const [{ appId, kms }] = instances;
    const chain = findChain(world, kms);
    const contract = await chain?.readApp(appId);
    if (chain === null || contract == null) throw plainError(404, "The app's KMS is not on chain");
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
          cvm_ids: users.map((cvm) => (hasStringIds(c.get("version")) ? cvm.id : 0)),
          allowed_onchain: listed.includes(deviceId),
          status: users.length > 0 ? "in_use" : "unused",
        };
      }),
    });
  });
}

/** The same for one CVM. */
export function registerCvmIsAllowed(app: Hono<ApiEnv>, world: World): void {
  app.post("/cvms/:id/is-allowed", async (c) => {
    const body = readOptionalJson(cvmBody, c.get("body"));
    return jsonResponse(200, await checkCvm(c, world, c.get("cvm"), body));
  });
}

async function checkCvm(c: ApiContext, world: World, cvm: Cvm, asked: Partial<z.output<typeof cvmBody>>) {
  settle(cvm, world.clock.now());
  const chain = findChain(world, cvm.kms);
  if (chain === null) throw plainError(400, "The app's KMS is not on chain");
  const node = asked.node_id == null ? cvm.node : findNode(asked.node_id);
  if (node === undefined) throw fieldError(400, "ERR-01-001", "node_id", "Node not found");
  const composeHash = bareHex(asked.compose_hash ?? cvm.config.compose.hash);
  const deviceId = bareHex(asked.device_id ?? node.deviceId);
  return {
    cvm_id: hasStringIds(c.get("version")) ? cvm.id : 0,
    app_contract_address: `0x${cvm.appId}`,
    compose_hash: composeHash,
    device_id: deviceId,
    ...(await askContract(chain, cvm.appId, composeHash, deviceId)),
  };
}

async function askContract(chain: Chain, appId: string, composeHash: string, deviceId: string) {
  try {
    const contract = await chain.readApp(appId);
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

/** A chain that cannot be asked is a 200 with `error`; the flags mean nothing then. */
function describeUnknown(error: string) {
  return {
    compose_hash_allowed: false,
    allow_any_device: false,
    device_id_allowed: null,
    is_allowed: false,
    error,
  };
}
