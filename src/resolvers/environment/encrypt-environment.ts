import { createCipheriv } from "node:crypto";
import type { Context } from "../../context.ts";
import { CryptoError } from "../../crypto/crypto-error.ts";
import { type EncryptBytes, encryptEnv } from "../../crypto/env-encryption.ts";
import { GatewayError } from "../../errors.ts";
import type { EnvInput, EnvVarInput } from "../../schema/input/environment.ts";
import type { EncryptedEnv } from "../../upstream/configuration/envs.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { chooseAllowedKeys, type EnvironmentChange, listNewKeys } from "./environment-change.ts";
import { fetchEncryptionKey } from "./environment-key.ts";
import { fetchAllowedKeys } from "./lost-keys.ts";

/**
 * Return the environment to send: what the client encrypted, unchanged, or the plain-text variables encrypted
 * to the key of the CVM. Costs one read for the allowed names, and up to three for the key.
 *
 * @throws {GatewayError} `KMS_KEY_NOT_TRUSTED`
 */
export async function encryptEnvironment(
  ctx: Context,
  ref: CvmRef,
  change: EnvironmentChange & { readonly env: EnvInput },
): Promise<EncryptedEnv> {
  const { env } = change;
  if (env.plain === undefined) {
    return { encryptedEnv: env.encrypted.encryptedEnv, keys: await decideAllowedKeys(ctx, ref, change) };
  }
  const [keys, publicKey] = await Promise.all([
    decideAllowedKeys(ctx, ref, change),
    fetchEncryptionKey(ctx, ref),
  ]);
  return { encryptedEnv: encrypt(env.plain, publicKey), keys };
}

async function decideAllowedKeys(
  ctx: Context,
  ref: CvmRef,
  change: EnvironmentChange,
): Promise<readonly string[] | null> {
  return chooseAllowedKeys(change, listNewKeys(change) === null ? [] : await fetchAllowedKeys(ctx, ref));
}

/** Encrypt with the AES of Node, which takes a millisecond for 1 MiB. */
const encryptBytes: EncryptBytes = (key, iv, plaintext) => {
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
};

function encrypt(variables: readonly EnvVarInput[], publicKey: Uint8Array): string {
  try {
    return Buffer.from(encryptEnv(variables, publicKey, encryptBytes)).toString("hex");
  } catch (error) {
    if (!(error instanceof CryptoError) || error.reason !== "low-order-key") throw error;
    const message =
      "The environment key of this CVM is not a usable key: anyone could decrypt what is encrypted to it.";
    throw new GatewayError("KMS_KEY_NOT_TRUSTED", message);
  }
}
