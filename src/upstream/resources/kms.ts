import { z } from "zod";
import { MAX_INT } from "../../limits.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { wireHex, wireOptionalAddress, wireOptionalHex } from "../transport/wire-scalars.ts";
import { wireDefault, wireList, wireOptional } from "../transport/wire-tolerance.ts";

const text = wireOptional(z.string());

/**
 * KMS node, as in provision and HTTP 465, where it may have two members only. `kms_info` in
 * the detail of a CVM is another object.
 */
export const kmsNodeWire = z
  .object({
    id: text,
    slug: text,
    url: text,
    version: text,
    chain_id: wireOptional(z.number().int().positive().max(MAX_INT)),
    kms_contract_address: wireOptionalAddress,
    gateway_app_id: wireOptionalHex,
  })
  .transform((wire) => ({
    id: wire.id,
    slug: wire.slug,
    url: wire.url,
    version: wire.version,
    chainId: wire.chain_id,
    contractAddress: wire.kms_contract_address,
    gatewayAppId: wire.gateway_app_id,
  }));

/** Node of a KMS (key management service). `chainId` is null when the KMS is not on chain, or not named. */
export type KmsNode = z.output<typeof kmsNodeWire>;

/** Largest page of the REST API. */
const PAGE_SIZE = 100;
/** The REST API has few KMS nodes. The limit ends the loop if the number of pages is wrong. */
const MAX_PAGES = 10;

const pageWire = z.object({ items: wireList(kmsNodeWire), pages: wireDefault(z.int().nonnegative(), 1) });

/**
 * Fetch all pages of `GET /kms`. Every call is pinned to API version 2026-05-22, the last one whose items are
 * nodes. Later versions list contracts.
 */
export async function fetchKmsNodes(upstream: Upstream): Promise<KmsNode[]> {
  const nodes: KmsNode[] = [];
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const reply = await upstream.send({
      method: "GET",
      path: ["kms"],
      query: { page, page_size: PAGE_SIZE },
      accept: [200],
      effect: "read",
    });
    const { items, pages } = decodeJson(reply, pageWire);
    nodes.push(...items);
    if (page >= pages) break;
  }
  return nodes;
}

const envKeyWire = z
  .object({ public_key: wireHex, signature: wireOptional(wireHex) })
  .transform((wire) => ({ publicKey: wire.public_key, signature: wire.signature }));

/** Environment key of an app and the signature of the KMS, in bare hex. Neither is verified yet. */
export type SignedEnvKey = z.output<typeof envKeyWire>;

/**
 * Fetch the environment key of an app: `GET /kms/{kms}/pubkey/{app_id}`.
 *
 * @param kms - slug or id of a KMS node. The `kms_type` of a CVM is neither.
 * @param appId - 40 hex digits
 */
export async function fetchSignedEnvKey(
  upstream: Upstream,
  kms: string,
  appId: string,
): Promise<SignedEnvKey> {
  const reply = await upstream.send({
    method: "GET",
    path: ["kms", kms, "pubkey", appId],
    accept: [200],
    effect: "read",
  });
  return decodeJson(reply, envKeyWire);
}
