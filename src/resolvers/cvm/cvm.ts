import type { Context } from "../../context.ts";
import { GatewayError } from "../../errors.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import type { LiveState } from "../../upstream/resources/status-batch.ts";
import { readCvmRef } from "./cvm-ref-argument.ts";

/** Finds a CVM. @returns null when the caller has no such CVM. */
export async function findCvm(ctx: Context, ref: CvmRef): Promise<Cvm | null> {
  try {
    return await ctx.loaders.cvm(ref);
  } catch (error) {
    if (error instanceof GatewayError && error.code === "NOT_FOUND") return null;
    throw error;
  }
}

/** Finds a CVM by any identifier. @throws {GatewayError} `BAD_USER_INPUT` where it has no known form. */
export function findCvmById(ctx: Context, args: { readonly id: string }): Promise<Cvm | null> {
  return findCvm(ctx, readCvmRef(args.id, "id"));
}

/** The live state; one batch carries all that a request asks for. Null before the CVM is placed. */
export async function readLiveState(ctx: Context, cvm: Cvm): Promise<LiveState | null> {
  return cvm.vmUuid === null ? null : ctx.loaders.liveState(cvm.vmUuid);
}

/** The pre-launch script. @returns null where there is none. */
export async function readScript(ctx: Context, cvm: Cvm): Promise<string | null> {
  return (await ctx.loaders.preLaunchScript(cvm.id)) || null;
}
