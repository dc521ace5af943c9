import type { RestartCvmInput } from "../../schema/input/restart-cvm.ts";
import type { WriteInput } from "../../schema/input/write.ts";
import type { InProgress } from "../../upstream/configuration/in-progress.ts";
import { type PowerAction, sendPowerAction, sendRestart } from "../../upstream/resources/lifecycle.ts";
import type { Write } from "../write/types.ts";

type Target = { readonly target: "running" | "stopped" };
type PowerWrite = Write<WriteInput, null, InProgress & Target>;

function createPowerWrite(action: PowerAction): PowerWrite {
  const target = action === "start" ? "running" : "stopped";
  return {
    name: `${action}Cvm`,
    check: () => [],
    prepare: async () => null,
    send: async (ctx, ref) => ({ ...(await sendPowerAction(ctx.upstream, ref, action)), target }),
  };
}

/** Start a CVM that is off. */
export const startCvm: PowerWrite = createPowerWrite("start");

/** Shut a CVM down gracefully. */
export const shutdownCvm: PowerWrite = createPowerWrite("shutdown");

/** Power a CVM off. It is the emergency stop, so it does not wait for other writes of this process. */
export const stopCvm: PowerWrite = { ...createPowerWrite("stop"), skipsLock: true };

/** Restart a CVM, with `force` without a graceful shutdown. */
export const restartCvm: Write<RestartCvmInput, boolean, InProgress & Target> = {
  name: "restartCvm",
  check: () => [],
  prepare: async (_ctx, _ref, { force }) => force ?? false,
  send: async (ctx, ref, force) => ({ ...(await sendRestart(ctx.upstream, ref, force)), target: "running" }),
};
