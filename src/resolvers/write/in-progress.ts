import type { Context } from "../../context.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import { findCvm } from "../cvm/cvm.ts";
import type { InProgress } from "./types.ts";

/** Fetch the CVM that a result belongs to, as it is after the write. */
export function fetchResultCvm(ctx: Context, { cvmRef }: { readonly cvmRef: CvmRef }): Promise<Cvm | null> {
  return findCvm(ctx, cvmRef);
}

/**
 * Return the id of the operation that a write started. If the REST API's answer has none, it is read from the
 * progress of the CVM. A progress with another target belongs to the operation before it.
 *
 * @returns null if no operation was started or the CVM does not show it
 */
export async function fetchCorrelationId(ctx: Context, result: InProgress): Promise<string | null> {
  if (result.correlationId !== null || !result.changed) return result.correlationId;
  const progress = (await fetchResultCvm(ctx, result))?.progress ?? null;
  const target = progress?.target.toLowerCase() === "running" ? "running" : "stopped";
  const matches = result.target === undefined || result.target === target;
  return matches ? (progress?.correlationId ?? null) : null;
}
