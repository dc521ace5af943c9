import { z } from "zod";
import { MAX_INT } from "../../limits.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { wireHex, wireOptional, wireOptionalAddress, wireOptionalHex } from "../transport/wire-scalars.ts";

const text = wireOptional(z.string());

/** The KMS as provision and HTTP 465 describe it; the CVM detail's `kms_info` is another object. */
export const kmsNodeWire = z
  .object({
    id: z.string(),
    slug: text,
    url: z.string(),
    version: text,
    chain_id: wireOptional(z.number().int().max(MAX_INT)),
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

/** A node of a key management service. `chainId` is null where it is not on chain. */
export type KmsNode = z.output<typeof kmsNodeWire>;

/** The REST API's largest page. */
const PAGE_SIZE = 100;
/** There are a handful of key management nodes; the limit only keeps a wrong total from going on for ever. */
const MAX_PAGES = 10;

const pageWire = z.object({ items: z.array(kmsNodeWire), pages: z.number().int().nonnegative().default(1) });

/**
 * `GET /kms`, all pages. The items are nodes up to version 2026-05-22, which is what every call is pinned
 * to; later ones answer contracts.
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
  .object({ public_key: wireHex, signature: wireHex })
  .transform((wire) => ({ publicKey: wire.public_key, signature: wire.signature }));

/** An app's environment key and the KMS' signature over it, bare hex, neither looked at yet. */
export type SignedEnvKey = z.output<typeof envKeyWire>;

/**
 * `GET /kms/{kms}/pubkey/{app_id}`
 *
 * @param kms - the slug or the id of a KMS node; a CVM's `kms_type` is neither
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
