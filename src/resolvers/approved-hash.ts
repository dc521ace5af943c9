import { bytesToHex } from "@noble/hashes/utils.js";
import type { Context } from "../context.ts";
import { hashAppCompose, serializeAppCompose } from "../crypto/compose-hash.ts";
import { CryptoError } from "../crypto/crypto-error.ts";
import { GatewayError } from "../errors.ts";
import type { CvmRef } from "../upstream/cvm-ref.ts";
import { listNextSteps } from "../upstream/next-steps.ts";

/** What an update lays over the app-compose that the CVM has now; a setting left out stays as it is. */
export type ComposeOverlay = {
  readonly docker_compose_file?: string;
  readonly pre_launch_script?: string;
  readonly allowed_envs?: readonly string[];
  readonly public_logs?: boolean;
  readonly public_sysinfo?: boolean;
  readonly public_tcbinfo?: boolean;
};

function computeHash(appCompose: Readonly<Record<string, unknown>>): string | null {
  try {
    return bytesToHex(hashAppCompose(serializeAppCompose(appCompose)));
  } catch (error) {
    if (error instanceof CryptoError) return null;
    throw error;
  }
}

/** The forms in which the REST API may store an overlay: the list of keys as sent, or sorted. */
function listForms(overlay: ComposeOverlay): ComposeOverlay[] {
  if (overlay.allowed_envs === undefined) return [overlay];
  return [overlay, { ...overlay, allowed_envs: overlay.allowed_envs.toSorted() }];
}

/**
 * Computes the compose hashes that a CVM can have with an update laid over its app-compose. They are
 * foretold only where writing the present app-compose again gives the hash that the CVM has now.
 *
 * @returns one hash for each form in which the update may be stored; null where they cannot be foretold.
 */
export function foretellHashes(
  appCompose: Readonly<Record<string, unknown>>,
  presentHash: string | null,
  overlay: ComposeOverlay,
): readonly string[] | null {
  if (presentHash === null || computeHash(appCompose) !== presentHash) return null;
  const hashes = listForms(overlay).map((form) => computeHash({ ...appCompose, ...form }));
  return hashes.some((hash) => hash === null) ? null : hashes.filter((hash) => hash !== null);
}

/** A read that fails leaves the hash unknown: the write that follows says what is wrong. */
async function readForetoldHashes(ctx: Context, ref: CvmRef, overlay: ComposeOverlay) {
  try {
    const [cvm, file] = await Promise.all([ctx.loaders.cvm(ref), ctx.loaders.composeFile(ref)]);
    if (!cvm.kms.requiresOnChainHash) return null;
    return foretellHashes(file.json, cvm.composeHash, overlay);
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}

/**
 * Sees that the input of a second phase still is what was approved, for the endpoints that take the whole
 * change once more: the REST API would apply another text under the old proof, and the CVM would fail when
 * it boots. Where the hash cannot be foretold the REST API is left to judge. Costs two upstream reads.
 *
 * @param approvedHash - bare hex
 * @throws {GatewayError} `HASH_INVALID_OR_EXPIRED` before anything is sent
 */
export async function ensureApprovedHash(
  ctx: Context,
  ref: CvmRef,
  overlay: ComposeOverlay,
  approvedHash: string,
): Promise<void> {
  const hashes = await readForetoldHashes(ctx, ref, overlay);
  if (hashes === null || hashes.includes(approvedHash)) return;
  const next = listNextSteps("HASH_INVALID_OR_EXPIRED");
  const message = `The compose hash of this input is not composeHash: the input differs from the one that was approved, or the CVM's configuration has changed since. No change was sent. ${next.join(" ")}`;
  throw new GatewayError("HASH_INVALID_OR_EXPIRED", message);
}
