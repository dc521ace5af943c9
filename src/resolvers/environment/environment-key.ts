import { hexToBytes } from "@noble/hashes/utils.js";
import type { Context } from "../../context.ts";
import { verifyEnvKey } from "../../crypto/seal.ts";
import { GatewayError } from "../../errors.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import type { KmsNode } from "../../upstream/resources/kms.ts";

/** The key that the environment of a CVM is encrypted to, and what is known about it. All bare hex. */
export type EnvEncryptionKey = {
  readonly publicKey: string;
  readonly signature: string | null;
  /** Recovered from the signature. Proves nothing unless `verified` is true. */
  readonly signer: string | null;
  readonly verified: boolean;
  /**
   * True if the key has a signature and it is wrong: no signer can be recovered, or the signer is not one of
   * the root keys that this gateway trusts. A gateway that trusts no root key cannot tell.
   */
  readonly refuted: boolean;
};

const KEY_FORM = /^[0-9a-f]{64}$/;
const SIGNATURE_FORM = /^[0-9a-f]{130}$/;
const APP_ID_FORM = /^[0-9a-f]{40}$/;

/**
 * Fetch the key that the environment of a CVM is encrypted to. With an on-chain KMS the key comes from the KMS
 * with a signature; otherwise it is a field of the CVM without one. Costs up to two upstream calls.
 *
 * @returns null before the CVM has a key
 * @throws {GatewayError} `UPSTREAM_MALFORMED` if the KMS is not found or the key is not an X25519 key
 */
export async function findEnvironmentKey(ctx: Context, cvm: Cvm): Promise<EnvEncryptionKey | null> {
  if (cvm.kms.requiresOnChainHash) return findSignedKey(ctx, cvm);
  const publicKey = cvm.kms.encryptedEnvPublicKey;
  if (publicKey === null || publicKey === "") return null;
  if (!KEY_FORM.test(publicKey)) throw createMalformed("environment key");
  return { publicKey, signature: null, signer: null, verified: false, refuted: false };
}

/**
 * Fetch the key to encrypt plain-text variables to, 32 bytes.
 *
 * @throws {GatewayError} `KMS_KEY_NOT_TRUSTED`
 */
export async function fetchEncryptionKey(ctx: Context, ref: CvmRef): Promise<Uint8Array> {
  const key = await findEnvironmentKey(ctx, await ctx.loaders.cvm(ref));
  const objection = findKeyObjection(ctx, key);
  if (key === null || objection !== null) throw new GatewayError("KMS_KEY_NOT_TRUSTED", objection ?? "");
  return hexToBytes(key.publicKey);
}

/** Explain why nothing may be encrypted to a key; null if it may. */
export function findKeyObjection(ctx: Context, key: EnvEncryptionKey | null): string | null {
  if (key === null) return "This CVM has no environment key yet.";
  if (key.refuted) {
    return "The signature of this CVM's environment key is wrong: it is not from a trusted KMS root key. Nothing was encrypted to it.";
  }
  if (key.verified || !ctx.envPolicy.requireVerifiedKey) return null;
  return key.signature === null
    ? "This gateway encrypts to verified keys only, and the KMS of this CVM does not sign its keys."
    : "This gateway encrypts to verified keys only, and its operator has configured no trusted KMS root key.";
}

async function findSignedKey(ctx: Context, cvm: Cvm): Promise<EnvEncryptionKey | null> {
  if (cvm.appId === null) return null;
  if (!APP_ID_FORM.test(cvm.appId)) throw createMalformed("app id");
  const node = findKmsNode(cvm, await ctx.loaders.kmsNodes());
  const { publicKey, signature } = await ctx.loaders.signedEnvKey(node, cvm.appId);
  if (!KEY_FORM.test(publicKey)) throw createMalformed("environment key");
  return verifySignedKey(ctx, cvm.appId, publicKey, signature);
}

/** Find a node of the CVM's own KMS contract. @returns its slug if one has a slug, else an id */
function findKmsNode(cvm: Cvm, nodes: readonly KmsNode[]): string {
  const { chainId, contractAddress } = cvm.kms;
  const own = nodes.filter(
    (node) =>
      node.chainId !== null &&
      (chainId === null || node.chainId === chainId) &&
      (contractAddress === null || node.contractAddress === contractAddress),
  );
  // Without the contract's address, the chain alone must not decide between two contracts.
  const contracts = new Set(own.map((node) => `${node.chainId} ${node.contractAddress}`));
  const names = [...own.map(({ slug }) => slug), ...own.map(({ id }) => id)];
  const name = names.find(Boolean);
  if (name && contracts.size === 1) return name;
  throw createMalformed("KMS for this CVM");
}

function verifySignedKey(
  ctx: Context,
  appId: string,
  publicKey: string,
  signature: string | null,
): EnvEncryptionKey {
  if (signature === null || !SIGNATURE_FORM.test(signature)) {
    return { publicKey, signature, signer: null, verified: false, refuted: true };
  }
  const { trustedRootKeys } = ctx.envPolicy;
  const verdict = verifyEnvKey({ appId, publicKey, signature, trustedRootKeys });
  const refuted = !verdict.verified && verdict.reason !== "no-trusted-root-keys";
  return { publicKey, signature, signer: verdict.signer, verified: verdict.verified, refuted };
}

function createMalformed(what: string): GatewayError {
  return new GatewayError("UPSTREAM_MALFORMED", `The REST API's answer has no usable ${what}.`);
}
