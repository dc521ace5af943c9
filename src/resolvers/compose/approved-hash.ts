import type { Context } from "../../context.ts";
import { errorCatalog } from "../../error-catalog.ts";
import { GatewayError } from "../../errors.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { type MeasuredChange, predictComposeHashes } from "./predicted-hash.ts";

/**
 * Assert that the input of a second phase still has the compose hash that was approved. The single-purpose
 * endpoints receive the whole change again: the REST API would apply another text under the old proof, and the
 * CVM would fail at boot. If the hash cannot be predicted, the REST API decides. Costs two upstream reads.
 *
 * @param approvedHash - bare hex
 * @throws {GatewayError} `HASH_INVALID_OR_EXPIRED` before anything is sent
 */
export async function assertApprovedHash(
  ctx: Context,
  ref: CvmRef,
  change: MeasuredChange,
  approvedHash: string,
): Promise<void> {
  const hashes = await fetchPredictedHashes(ctx, ref, change);
  if (hashes === null || hashes.includes(approvedHash)) return;
  const next = errorCatalog.HASH_INVALID_OR_EXPIRED.nextSteps;
  const message = `This input does not have the compose hash in composeHash. Either the input differs from the approved one, or the configuration has changed since. Nothing was sent. ${next.join(" ")}`;
  throw new GatewayError("HASH_INVALID_OR_EXPIRED", message);
}

/** A read that fails leaves the hash unknown: the write that follows reports what is wrong. */
async function fetchPredictedHashes(ctx: Context, ref: CvmRef, change: MeasuredChange) {
  try {
    const [cvm, file] = await Promise.all([ctx.loaders.cvm(ref), ctx.loaders.composeFile(ref)]);
    if (!cvm.kms.requiresOnChainHash) return null;
    return predictComposeHashes(file, cvm.composeHash, change);
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}
