import { hexToBytes } from "@noble/hashes/utils.js";
import type { Context } from "../../context.ts";
import { verifyEnvKey } from "../../crypto/seal.ts";
import { GatewayError } from "../../errors.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import type { KmsNode } from "../../upstream/resources/kms.ts";

/**
 * The key to which a CVM's environment is sealed, and what is known of it; all bare hex.
 */
export type EnvEncryptionKey = {
  readonly publicKey: string;
  readonly signature: string | null;
  /** Recovered from the signature; proves nothing unless `verified`. */
  readonly signer: string | null;
  readonly verified: boolean;
  /**
   * True for a signature that is there and is wrong: no key can be recovered from it, or its signer is none
   * of the root keys that this gateway trusts. Where it trusts none, a signer cannot be judged.
   */
  readonly refuted: boolean;
};

const KEY_FORM = /^[0-9a-f]{64}$/;

function createMalformed(what: string): GatewayError {
  return new GatewayError("UPSTREAM_MALFORMED", `The REST API's answer has no usable ${what}.`);
}

/** The node of the CVM's own KMS contract: one with a slug where there is one. */
function findKmsNode(cvm: Cvm, nodes: readonly KmsNode[]): KmsNode {
  const { chainId, contractAddress } = cvm.kms;
  const own = nodes.filter(
    (node) =>
      node.chainId !== null &&
      (chainId === null || node.chainId === chainId) &&
      (contractAddress === null || node.contractAddress === contractAddress),
  );
  // Without the contract's address a chain alone must not choose between two contracts.
  const contracts = new Set(own.map((node) => `${node.chainId} ${node.contractAddress}`));
  const node = own.find(({ slug }) => slug !== null && slug !== "") ?? own[0];
  if (node !== undefined && contracts.size === 1) return node;
  throw createMalformed("KMS for this CVM");
}

function judge(ctx: Context, appId: string, publicKey: string, signature: string): EnvEncryptionKey {
  const { trustedRootKeys } = ctx.envPolicy;
  if (!/^[0-9a-f]{130}$/.test(signature)) {
    return { publicKey, signature, signer: null, verified: false, refuted: true };
  }
  const verdict = verifyEnvKey({ appId, publicKey, signature, trustedRootKeys });
  const refuted = !verdict.verified && verdict.reason !== "no-trusted-root-keys";
  return { publicKey, signature, signer: verdict.signer, verified: verdict.verified, refuted };
}

/**
 * Reads the key to which the CVM's environment is sealed. On chain it comes from the KMS with a signature;
 * elsewhere it stands on the CVM and nobody vouches for it.
 *
 * @returns null before the CVM has one.
 * @throws {GatewayError} `UPSTREAM_MALFORMED` where the KMS cannot be found or the key is no X25519 key.
 */
export async function readEnvKey(ctx: Context, cvm: Cvm): Promise<EnvEncryptionKey | null> {
  if (!cvm.kms.requiresOnChainHash) {
    const publicKey = cvm.kms.encryptedEnvPublicKey;
    if (publicKey === null || publicKey === "") return null;
    if (!KEY_FORM.test(publicKey)) throw createMalformed("environment key");
    return { publicKey, signature: null, signer: null, verified: false, refuted: false };
  }
  if (cvm.appId === null) return null;
  if (!/^[0-9a-f]{40}$/.test(cvm.appId)) throw createMalformed("app id");
  const node = findKmsNode(cvm, await ctx.loaders.kmsNodes());
  const { publicKey, signature } = await ctx.loaders.signedEnvKey(node.slug || node.id, cvm.appId);
  if (!KEY_FORM.test(publicKey)) throw createMalformed("environment key");
  return judge(ctx, cvm.appId, publicKey, signature);
}

/** Why nothing may be sealed to a key; null where it may. */
export function findKeyRefusal(ctx: Context, key: EnvEncryptionKey | null): string | null {
  if (key === null) return "This CVM has no environment key yet.";
  if (key.refuted) {
    return "The signature over this CVM's environment key is wrong, so nothing is sealed to it: no trusted KMS root key made it.";
  }
  if (key.verified || !ctx.envPolicy.requireVerifiedKey) return null;
  return key.signature === null
    ? "This gateway seals to verified keys only, and this CVM's KMS does not sign its keys."
    : "This gateway seals to verified keys only, and it trusts no KMS root key.";
}

/**
 * Reads the key that `env.plain` is sealed to, 32 bytes.
 *
 * @throws {GatewayError} `KMS_KEY_NOT_TRUSTED`
 */
export async function readSealingKey(ctx: Context, cvm: Cvm): Promise<Uint8Array> {
  const key = await readEnvKey(ctx, cvm);
  const refusal = findKeyRefusal(ctx, key);
  if (key === null || refusal !== null) throw new GatewayError("KMS_KEY_NOT_TRUSTED", refusal ?? "");
  return hexToBytes(key.publicKey);
}
