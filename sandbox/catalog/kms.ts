import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { deriveBytes, deriveHex, deriveId } from "../identity.ts";

/** Value of `kms_type` of a CVM. */
export type KmsType = "phala" | "legacy" | "base" | "ethereum";

/** A key management service (KMS): releases keys to CVMs. */
export type KmsService = {
  readonly id: string;
  readonly slug: string;
  readonly type: KmsType;
  readonly url: string;
  readonly version: string;
  /** The chain of its contracts; null for an off-chain KMS. */
  readonly chainId: number | null;
  readonly chainName: string | null;
  /** Address of the KMS contract (not of an app contract): `0x` and 40 hex digits. */
  readonly contractAddress: string | null;
  readonly gatewayAppId: string | null;
  /** Compressed secp256k1 key that signs environment keys, 66 hex digits. */
  readonly k256PublicKey: string;
};

function createKms(slug: string, type: KmsType, chain: { id: number; name: string } | null): KmsService {
  return {
    id: deriveId("kms", slug),
    slug,
    type,
    url: `https://${slug}.sandbox.invalid:12001`,
    version: "v0.5.5 (git:sandbox)",
    chainId: chain?.id ?? null,
    chainName: chain?.name ?? null,
    contractAddress: chain && `0x${deriveHex(40, "kms-contract", slug)}`,
    gatewayAppId: chain && `0x${deriveHex(40, "gateway-app", slug)}`,
    k256PublicKey: bytesToHex(secp256k1.getPublicKey(deriveRootKey(slug), true)),
  };
}

/** Whether the KMS is on chain: it releases keys only to what the app contract allows. */
export function isOnChain(kms: KmsService): boolean {
  return kms.chainId !== null;
}

/** The KMSs of one sandbox, by type. */
export type KmsCatalog = Readonly<Record<KmsType, KmsService>>;

/**
 * Create the KMSs of a sandbox. `legacy` is built into old nodes: some CVMs use it, but no list contains it.
 *
 * @param chainId - overrides the chain of every on-chain KMS; null keeps their own
 */
export function createKmsCatalog(chainId: number | null): KmsCatalog {
  return {
    phala: createKms("phala", "phala", null),
    base: createKms("kms-base-prod9", "base", { id: chainId ?? 8453, name: "Base" }),
    ethereum: createKms("kms-ethereum-prod9", "ethereum", { id: chainId ?? 1, name: "Ethereum" }),
    legacy: createKms("legacy-built-in", "legacy", null),
  };
}

/** List the KMSs that the API returns. */
export function listKms({ phala, base, ethereum }: KmsCatalog): readonly KmsService[] {
  return [phala, base, ethereum];
}

/** Find a listed KMS by id or slug; undefined if there is none. A `kms_type` such as `base` is neither. */
export function findKms(catalog: KmsCatalog, idOrSlug: string): KmsService | undefined {
  return listKms(catalog).find(
    (kms) => kms.id === idOrSlug || kms.slug === idOrSlug || deriveContractId(kms) === idOrSlug,
  );
}

/** Derive the id of the contract of a KMS, such as `kc_ykL5lbAn`. */
export function deriveContractId({ slug }: KmsService): string {
  return deriveId("kc", slug);
}

/** Derive the secp256k1 root key that a KMS signs with. Its public half is `k256_pubkey`. */
export function deriveRootKey(slug: string): Uint8Array {
  return deriveBytes("kms-root", slug);
}
