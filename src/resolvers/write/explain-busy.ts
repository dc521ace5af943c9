import type { Context } from "../../context.ts";
import { GatewayError } from "../../errors.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { Loaders } from "../../upstream/loaders.ts";
import { findCvm } from "../cvm/cvm.ts";

/**
 * Look at a CVM that refused a write because it is busy. Costs one upstream call. Afterwards the reads of the
 * request are fresh: the operation that refused the write may have changed what this request has read.
 *
 * @returns the error with the id of the running operation; null if the CVM shows no operation, so that only the
 *   lock of an earlier one is left; the error as it is if the CVM cannot be read
 */
export async function explainBusy(
  ctx: Context,
  ref: CvmRef,
  error: GatewayError,
): Promise<GatewayError | null> {
  ctx.loaders = new Loaders(ctx.upstream, ctx.chains);
  const cvm = await findCvm(ctx, ref).catch(() => null);
  if (cvm === null) return error;
  if (!cvm.inProgress) return null;
  const correlationId = cvm.progress?.correlationId ?? null;
  return correlationId === null ? error : nameOperation(error, correlationId);
}

function nameOperation(error: GatewayError, correlationId: string): GatewayError {
  const { upstream, retryAfterMs } = error;
  return new GatewayError("OPERATION_IN_PROGRESS", error.message, {
    correlationId,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(upstream === undefined ? {} : { upstream }),
    cause: error,
  });
}
