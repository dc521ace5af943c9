import type { Context } from "../../context.ts";
import {
  type PowerAction,
  sendPowerAction,
  restartCvm as sendRestart,
} from "../../upstream/resources/lifecycle.ts";
import { runWrite, type WriteInput } from "../write/run-write.ts";
import { finishWrite, type InProgress } from "../write/write-result.ts";

/** Starts, stops or shuts down a CVM. */
export function changePower(ctx: Context, input: WriteInput, action: PowerAction): Promise<InProgress> {
  const target = action === "start" ? "running" : "stopped";
  return runWrite(ctx, action, input, (ref) => async () => {
    const outcome = await sendPowerAction(ctx.upstream, ref, action);
    return { ...finishWrite(ctx, ref, outcome), target };
  });
}

/** Restarts a CVM, by force where that is asked. */
export function restartCvm(
  ctx: Context,
  input: WriteInput & { readonly force?: boolean | null | undefined },
): Promise<InProgress> {
  return runWrite(ctx, "restart", input, (ref) => async () => {
    const outcome = await sendRestart(ctx.upstream, ref, input.force ?? false);
    return { ...finishWrite(ctx, ref, outcome), target: "running" };
  });
}
