import type { Context } from "../../context.ts";
import { errorCatalog } from "../../error-catalog.ts";
import { GatewayError } from "../../errors.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";

import { type ComposeChange, foretellComposeHash } from "./predicted-hash.ts";

/** What a second phase sends once more of the measured settings; null keys leave the list as it is. */
export type ApprovedChange = ComposeChange & { readonly keys?: readonly string[] | null };

/**
 * Foretells the compose hashes that a CVM can have with a change: one, or two where it holds a list of keys,
 * which the REST API may store as sent or sorted.
 *
 * @param presentHash - what the REST API says of the present app-compose
 * @returns null where they cannot be foretold.
 */
export function foretellHashes(
  appCompose: Readonly<Record<string, unknown>>,
  presentHash: string | null,
  { keys = null, ...change }: ApprovedChange,
): readonly string[] | null {
  const lists = keys === null ? [null] : [keys, keys.toSorted()];
  const hashes = lists.flatMap((list) => foretellComposeHash(appCompose, presentHash, change, list) ?? []);
  return hashes.length === lists.length ? hashes : null;
}

/** A read that fails leaves the hash unknown: the write that follows says what is wrong. */
async function readForetoldHashes(ctx: Context, ref: CvmRef, change: ApprovedChange) {
  try {
    const [cvm, file] = await Promise.all([ctx.loaders.cvm(ref), ctx.loaders.composeFile(ref)]);
    if (!cvm.kms.requiresOnChainHash) return null;
    return foretellHashes(file.json, cvm.composeHash, change);
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
  change: ApprovedChange,
  approvedHash: string,
): Promise<void> {
  const hashes = await readForetoldHashes(ctx, ref, change);
  if (hashes === null || hashes.includes(approvedHash)) return;
  const next = errorCatalog.HASH_INVALID_OR_EXPIRED.nextSteps;
  const message = `The compose hash of this input is not composeHash: the input differs from the one that was approved, or the CVM's configuration has changed since. No change was sent. ${next.join(" ")}`;
  throw new GatewayError("HASH_INVALID_OR_EXPIRED", message);
}
