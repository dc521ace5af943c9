import type { Context } from "../../context.ts";
import { GatewayError } from "../../errors.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { fetchCvm } from "../../upstream/resources/cvms.ts";
import { isBusy } from "./repeat-while-refused.ts";

/**
 * Run a write, and add the id of the running operation to `OPERATION_IN_PROGRESS`. The error stays as it is if
 * that id cannot be read. Costs one upstream call if the CVM is busy.
 */
export async function explainBusy<Outcome>(
  ctx: Context,
  ref: CvmRef,
  run: () => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    throw isBusy(error) ? await nameRunningOperation(ctx, ref, error) : error;
  }
}

async function nameRunningOperation(ctx: Context, ref: CvmRef, error: GatewayError): Promise<GatewayError> {
  const cvm = await fetchCvm(ctx.upstream, ref).catch(() => null);
  const correlationId = cvm?.progress?.correlationId ?? null;
  if (correlationId === null) return error;
  const { upstream, retryAfterMs } = error;
  return new GatewayError("OPERATION_IN_PROGRESS", error.message, {
    correlationId,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(upstream === undefined ? {} : { upstream }),
    cause: error,
  });
}
