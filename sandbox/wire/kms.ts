import type { KmsService } from "../catalog/kms.ts";
import { deriveId } from "../identity.ts";

/** A KMS as a node: the list up to 2026-05-22, and `kms_info` of a 465 and of a provision. */
export function describeKmsNode(kms: KmsService) {
  return {
    id: kms.id,
    slug: kms.slug,
    url: kms.url,
    version: kms.version,
    chain_id: kms.chainId,
    kms_contract_address: kms.contractAddress,
    gateway_app_id: kms.gatewayAppId,
    k256_pubkey: kms.k256PublicKey,
  };
}

/** A KMS as a contract: the list from 2026-06-23 on. The off-chain one has the address `phala` there. */
export function describeKmsContract(kms: KmsService) {
  return {
    id: deriveId("kc", kms.slug),
    slug: kms.slug,
    label: kms.chainName === null ? "Phala" : `${kms.chainName} KMS`,
    contract_address: kms.contractAddress ?? "phala",
    chain_id: kms.chainId ?? 0,
    k256_pubkey: kms.k256PublicKey,
    ca_pubkey: null,
    node_count: 1,
  };
}
