import { bytesToHex } from "@noble/hashes/utils.js";
import type { Context } from "../../context.ts";
import { CryptoError } from "../../crypto/crypto-error.ts";
import { encryptEnv } from "../../crypto/env-encryption.ts";
import { createInputError, GatewayError } from "../../errors.ts";
import type { SealedEnv } from "../../upstream/configuration/envs.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { assertNoProblems, type InputProblem } from "../write/input-problem.ts";
import {
  type EnvChangeInput,
  type EnvInput,
  type EnvVarInput,
  findLostKeyProblems,
  listNewKeys,
} from "./env-input.ts";
import { readSealingKey } from "./env-key.ts";

function seal(env: readonly EnvVarInput[], publicKey: Uint8Array): string {
  try {
    return bytesToHex(
      encryptEnv(
        env.map(({ key, value }) => ({ key, value })),
        publicKey,
      ),
    );
  } catch (error) {
    const lowOrder = error instanceof CryptoError && error.reason === "low-order-key";
    if (!lowOrder) throw error;
    const message = "This CVM's environment key is no usable key: what is sealed to it would be open to all.";
    throw new GatewayError("KMS_KEY_NOT_TRUSTED", message);
  }
}

/** The same keys in another order would be another compose hash for nothing: the present order stays then. */
function orderKeys(keys: readonly string[], allowedNow: readonly string[]): readonly string[] {
  const now = new Set(allowedNow);
  return keys.length === allowedNow.length && keys.every((key) => now.has(key)) ? allowedNow : keys;
}

/**
 * The list of keys that is sent with a change: what the client lists, else the keys of what is sealed.
 *
 * @returns null where the list stays as it is.
 */
export function chooseAllowedKeys(
  change: EnvChangeInput,
  allowedNow: readonly string[],
): readonly string[] | null {
  const { env, allowedEnvs } = change;
  const own =
    env?.plain && !allowedEnvs
      ? orderKeys(
          env.plain.map(({ key }) => key),
          allowedNow,
        )
      : null;
  return own ?? env?.encrypted?.keys ?? allowedEnvs ?? null;
}

/** The keys that the CVM allows now. An update may not be sent without them: it could lose some. */
async function readAllowedKeys(ctx: Context, ref: CvmRef): Promise<readonly string[]> {
  return (await ctx.loaders.composeFile(ref)).settings.allowed_envs ?? [];
}

/** Finds keys that the new environment would lose. Costs a read where its keys are known, none where not. */
async function findEnvLoss(ctx: Context, ref: CvmRef, change: EnvChangeInput): Promise<InputProblem[]> {
  return listNewKeys(change) === null ? [] : findLostKeyProblems(change, await readAllowedKeys(ctx, ref));
}

/**
 * Makes what is sent for a new environment whose input was checked: the client's own sealed one untouched,
 * or one in clear sealed here to a key that was looked at.
 *
 * @throws {GatewayError} `BAD_USER_INPUT` for keys that would be lost; `KMS_KEY_NOT_TRUSTED`
 */
export async function sealEnvChange(
  ctx: Context,
  ref: CvmRef,
  env: EnvInput,
  beside: Omit<EnvChangeInput, "env">,
): Promise<SealedEnv> {
  const change = { ...beside, env };
  const { plain, encrypted } = env;
  const [lost, publicKey] = await Promise.all([
    findEnvLoss(ctx, ref, change),
    plain ? ctx.loaders.cvm(ref).then((cvm) => readSealingKey(ctx, cvm)) : null,
  ]);
  assertNoProblems(lost);
  if (plain && publicKey) {
    const keys = chooseAllowedKeys(change, await readAllowedKeys(ctx, ref));
    return { encryptedEnv: seal(plain, publicKey), keys };
  }
  if (encrypted) return { encryptedEnv: encrypted.encryptedEnv, keys: listNewKeys(change) };
  throw createInputError([{ path: "input.env", message: "Give encrypted or plain." }]);
}
