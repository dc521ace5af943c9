import type { Context } from "../context.ts";
import { type PowerAction, sendPowerAction, restartCvm as sendRestart } from "../upstream/lifecycle.ts";
import { readCvmRef } from "./cvm-input.ts";
import { finishWrite, type InProgress } from "./update-result.ts";

/** Starts, stops or shuts down a CVM. */
export async function changePower(
  ctx: Context,
  input: { readonly id: string },
  action: PowerAction,
): Promise<InProgress> {
  const ref = readCvmRef(input.id, "input.id");
  return finishWrite(ctx, ref, await sendPowerAction(ctx.upstream, ref, action));
}

/** Restarts a CVM, by force where that is asked. */
export async function restartCvm(
  ctx: Context,
  input: { readonly id: string; readonly force?: boolean | null | undefined },
): Promise<InProgress> {
  const ref = readCvmRef(input.id, "input.id");
  return finishWrite(ctx, ref, await sendRestart(ctx.upstream, ref, input.force ?? false));
}
