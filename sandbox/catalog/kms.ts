import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { deriveBytes, deriveHex, deriveId } from "../identity.ts";

/** What `kms_type` of a CVM can be. */
export type KmsType = "phala" | "legacy" | "base" | "ethereum";

/** A key management service, and the keys that it makes apps' keys from. */
export type KmsService = {
  readonly id: string;
  readonly slug: string;
  readonly type: KmsType;
  readonly url: string;
  readonly version: string;
  /** Null where no contract decides. */
  readonly chainId: number | null;
  readonly chainName: string | null;
  /** `0x` and 40 hex digits: the KMS contract, not an app's. */
  readonly contractAddress: string | null;
  readonly gatewayAppId: string | null;
  /** Compressed secp256k1 key that signs env keys, 66 hex digits. */
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

/** Whether an app contract decides what may boot. */
export function isOnChain(kms: KmsService): boolean {
  return kms.chainId !== null;
}

/** The services of one sandbox, by type. */
export type KmsCatalog = Readonly<Record<KmsType, KmsService>>;

/**
 * Makes the services of a sandbox. `legacy` is the built-in one of old nodes: CVMs have it, no list shows it.
 *
 * @param chainId - the chain on which the contracts of all on-chain services are instead of their own
 */
export function createKmsCatalog(chainId: number | null): KmsCatalog {
  return {
    phala: createKms("phala", "phala", null),
    base: createKms("kms-base-prod9", "base", { id: chainId ?? 8453, name: "Base" }),
    ethereum: createKms("kms-ethereum-prod9", "ethereum", { id: chainId ?? 1, name: "Ethereum" }),
    legacy: createKms("legacy-built-in", "legacy", null),
  };
}

/** The services that the API lists. */
export function listKms({ phala, base, ethereum }: KmsCatalog): readonly KmsService[] {
  return [phala, base, ethereum];
}

/** Finds a listed service by id or slug. A `kms_type` is neither: `base` finds nothing, as on the real API. */
export function findKms(catalog: KmsCatalog, idOrSlug: string): KmsService | undefined {
  return listKms(catalog).find((kms) => kms.id === idOrSlug || kms.slug === idOrSlug);
}

/** The secp256k1 root key that a service signs with. Clients know its public half as `k256_pubkey`. */
export function deriveRootKey(slug: string): Uint8Array {
  return deriveBytes("kms-root", slug);
}
