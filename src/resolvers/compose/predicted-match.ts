import type { Context } from "../../context.ts";
import type { OnChainHashRequired } from "../write/types.ts";
import { predictComposeHashes } from "./predicted-hash.ts";

/**
 * Compare the compose hash that the REST API asks for with the predicted one. Costs two upstream reads.
 *
 * @returns null if the hash cannot be predicted
 */
export async function fetchPredictedMatch(
  ctx: Context,
  { composeHash, cvmRef, listMeasured }: OnChainHashRequired,
): Promise<boolean | null> {
  if (listMeasured === undefined) return null;
  const [cvm, file] = await Promise.all([ctx.loaders.cvm(cvmRef), ctx.loaders.composeFile(cvmRef)]);
  const change = listMeasured(file.settings.allowed_envs ?? []);
  return predictComposeHashes(file, cvm.composeHash, change)?.includes(composeHash) ?? null;
}
