import { x25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { encodeEnvKeyMessage } from "../../src/crypto/env-key-signature.ts";
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

function makeKms(slug: string, type: KmsType, chain: { id: number; name: string } | null): KmsService {
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
    k256PublicKey: bytesToHex(secp256k1.getPublicKey(rootKey(slug), true)),
  };
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
    phala: makeKms("phala", "phala", null),
    base: makeKms("kms-base-prod9", "base", { id: chainId ?? 8453, name: "Base" }),
    ethereum: makeKms("kms-ethereum-prod9", "ethereum", { id: chainId ?? 1, name: "Ethereum" }),
    legacy: makeKms("legacy-built-in", "legacy", null),
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

/** The X25519 key pair to whose public half an app's environment is sealed. App id: 40 hex digits. */
export function deriveEnvKey(kms: KmsService, appId: string): { privateKey: Uint8Array; publicKey: string } {
  const privateKey = deriveBytes("env-key", kms.slug, appId);
  return { privateKey, publicKey: bytesToHex(x25519.getPublicKey(privateKey)) };
}

/** The KMS' legacy signature over an app's env key: r ‖ s ‖ recovery id, 130 hex digits. */
export function signEnvKey(kms: KmsService, appId: string): string {
  const publicKey = hexToBytes(deriveEnvKey(kms, appId).publicKey);
  const digest = keccak_256(encodeEnvKeyMessage({ appId: hexToBytes(appId), publicKey }));
  const signature = secp256k1.sign(digest, rootKey(kms.slug), { prehash: false, format: "recovered" });
  // noble puts the recovery id first, the KMS last.
  return bytesToHex(concatBytes(signature.subarray(1), signature.subarray(0, 1)));
}

function rootKey(slug: string): Uint8Array {
  return deriveBytes("kms-root", slug);
}
