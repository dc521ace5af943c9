import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../../context.ts";
import { GatewayError } from "../../errors.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import type { LiveState } from "../../upstream/resources/status-batch.ts";
import { parseCvmRefArgument } from "./cvm-ref-argument.ts";
import { readAhead } from "./look-ahead.ts";

/** Find a CVM. @returns null if the caller has no such CVM. */
export async function findCvm(ctx: Context, ref: CvmRef): Promise<Cvm | null> {
  try {
    return await ctx.loaders.cvm(ref);
  } catch (error) {
    if (error instanceof GatewayError && error.code === "NOT_FOUND") return null;
    throw error;
  }
}

/**
 * Find a CVM for a field that selects it. With its own id, the reads of the selected fields are sent in parallel.
 *
 * @param info - of the resolver of that field
 */
export function findSelectedCvm(ctx: Context, ref: CvmRef, info: GraphQLResolveInfo): Promise<Cvm | null> {
  const cvm = findCvm(ctx, ref);
  readAhead(ctx, ref, info);
  return cvm;
}

/** Find a CVM by any identifier. @throws {GatewayError} `BAD_USER_INPUT` */
export async function findCvmById(
  ctx: Context,
  args: { readonly id: string },
  info: GraphQLResolveInfo,
): Promise<Cvm | null> {
  return findSelectedCvm(ctx, parseCvmRefArgument(args.id, "id"), info);
}

/** Fetch the live state, in one batch with other CVMs. @returns null until the CVM has a node. */
export async function fetchLiveState(ctx: Context, cvm: Cvm): Promise<LiveState | null> {
  return cvm.vmUuid === null ? null : ctx.loaders.liveState(cvm.vmUuid);
}

/** Fetch the pre-launch script. @returns null if there is none. */
export async function findPreLaunchScript(ctx: Context, cvm: Cvm): Promise<string | null> {
  return (await ctx.loaders.preLaunchScript(cvm.id)) || null;
}
