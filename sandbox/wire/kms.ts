import { deriveContractId, type KmsService } from "../catalog/kms.ts";

/** Describe a KMS as a node: in the list up to 2026-05-22, and in `kms_info` of a 465 and of a provision. */
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

/** Describe a KMS as a contract: in the list since 2026-06-23. The off-chain KMS has the address `phala`. */
export function describeKmsContract(kms: KmsService) {
  return {
    id: deriveContractId(kms),
    slug: kms.slug,
    label: kms.chainName === null ? "Phala" : `${kms.chainName} KMS`,
    contract_address: kms.contractAddress ?? "phala",
    chain_id: kms.chainId ?? 0,
    k256_pubkey: kms.k256PublicKey,
    ca_pubkey: null,
    node_count: 1,
  };
}
