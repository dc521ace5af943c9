import type { Hono } from "hono";
import { z } from "zod";
import { deriveEnvKey, signEnvKey } from "../../catalog/env-key.ts";
import { findKms, isOnChain, type KmsService, listKms } from "../../catalog/kms.ts";
import { NODE_LIST } from "../../catalog/nodes.ts";
import { OS_IMAGES } from "../../catalog/os-images.ts";
import { businessError, plainError } from "../../http/api-error.ts";
import { hasKmsContracts } from "../../http/api-version.ts";
import type { ApiContext, ApiEnv } from "../../http/context.ts";
import { pageQuery, paginate } from "../../http/pagination.ts";
import { jsonResponse } from "../../http/respond.ts";
import { parseQuery } from "../../http/validation.ts";
import { bareHex } from "../../identity.ts";
import { describeKmsContract, describeKmsNode } from "../../wire/kms.ts";
import { deriveAppId } from "../../workspace/workspace.ts";
import type { World } from "../../world.ts";

const kmsQuery = pageQuery(20).extend({ is_onchain: z.stringbool().optional() });

const nextQuery = z.looseObject({ counts: z.coerce.number().int().min(1).max(20).default(1) });

/** Register the reads of KMSs, and of the environment keys of apps. */
export function registerKms(app: Hono<ApiEnv>, world: World): void {
  const kmsList = listKms(world.kms);
  const requireKms = (idOrSlug: string) => findKms(world.kms, idOrSlug) ?? throwUnknownKms();

  app.get("/kms", (c) => {
    const query = parseQuery(kmsQuery, c.req.url);
    const wanted = query.is_onchain;
    const page = paginate(
      kmsList.filter((kms) => wanted === undefined || isOnChain(kms) === wanted),
      query,
    );
    return jsonResponse(200, { ...page, items: page.items.map((kms) => describe(c, kms)) });
  });

  app.get("/kms/phala/next_app_id", (c) => {
    const { counts } = parseQuery(nextQuery, c.req.url);
    const workspace = c.get("workspace");
    const app_ids = Array.from({ length: counts }, (_, index) => {
      const nonce = workspace.appNonce + index;
      return { app_id: deriveAppId(workspace, nonce), nonce };
    });
    return jsonResponse(200, { app_ids });
  });

  app.get("/kms/on-chain/:chain", (c) => {
    const name = c.req.param("chain").toLowerCase();
    const kms = kmsList.find((one) => one.chainName?.toLowerCase() === name || String(one.chainId) === name);
    if (kms === undefined || kms.chainId === null)
      throw plainError(400, "Unknown chain. Send base, ethereum or a chain id.");
    return jsonResponse(200, {
      chain_name: kms.chainName,
      chain_id: kms.chainId,
      contracts: [describeOnChain(kms)],
    });
  });

  app.get("/kms/:kms", (c) => jsonResponse(200, describe(c, requireKms(c.req.param("kms")))));

  app.get("/kms/:kms/info", (c) => {
    const kms = requireKms(c.req.param("kms"));
    const match = isOnChain(kms);
    return jsonResponse(200, {
      ...describeKmsNode(kms),
      on_chain: match ? { kms_info: { k256_pubkey: kms.k256PublicKey } } : null,
      verification: { k256_pubkey_match: match, ca_pubkey_match: match },
    });
  });

  app.get("/kms/:kms/nodes", (c) => {
    if (!hasKmsContracts(c.get("version"))) throw plainError(404, "Not Found");
    const kms = requireKms(c.req.param("kms"));
    const { id, slug, url, version, type } = kms;
    return jsonResponse(200, { items: [{ id, slug, url, version, kms_type: type }], total: 1 });
  });

  app.get("/kms/:kms/pubkey/:app", (c) => {
    const kms = requireKms(c.req.param("kms"));
    const appId = bareHex(c.req.param("app"));
    if (!/^[0-9a-f]{40}$/.test(appId)) throw plainError(400, "The app id must be 40 hex digits.");
    // Exactly these two keys: the SDK rejects an answer with any other.
    return jsonResponse(200, {
      public_key: deriveEnvKey(kms, appId).publicKey,
      signature: signEnvKey(kms, appId),
    });
  });
}

function describe(c: ApiContext, kms: KmsService) {
  return hasKmsContracts(c.get("version")) ? describeKmsContract(kms) : describeKmsNode(kms);
}

function throwUnknownKms(): never {
  throw businessError(404, "ERR-02-011", "KMS not found", {
    suggestions: ["Use the id or the slug of an item of GET /kms. A kms_type is neither of them."],
  });
}

function describeOnChain(kms: KmsService) {
  return {
    contract_address: kms.contractAddress,
    chain_id: kms.chainId,
    chain_name: kms.chainName,
    k256_pubkey: kms.k256PublicKey,
    ca_pubkey: null,
    gateway_contract_address: kms.gatewayAppId,
    devices: NODE_LIST.map((node) => ({
      device_id: node.deviceId,
      node_name: node.name,
      on_chain_allowed: true,
    })),
    os_images: OS_IMAGES.map((image) => ({
      name: image.name,
      version: image.version.join("."),
      os_image_hash: image.hash,
      on_chain_allowed: image.enabled,
    })),
  };
}
