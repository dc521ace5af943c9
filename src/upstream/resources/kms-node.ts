import { z } from "zod";
import { MAX_INT, wireOptional, wireOptionalAddress, wireOptionalHex } from "../transport/wire-scalars.ts";

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
