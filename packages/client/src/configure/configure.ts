import { CvmGatewayError } from "../gateway-error.ts";
import type { Sender } from "../requests/sender.ts";
import { confirm } from "./confirm.ts";
import { finish } from "./finish.ts";
import { prepare } from "./prepare.ts";
import { register } from "./register.ts";
import { createRun, type Run } from "./run.ts";
import { sendChange } from "./send-change.ts";
import { assertState, type ConfigureState } from "./state.ts";
import type { ConfigureInput, ConfigureOptions, ConfigureResult, ResumeOptions } from "./types.ts";

/** Change a CVM, from its input to the end of its operation. */
export async function configure(
  sender: Sender,
  input: ConfigureInput,
  options: ConfigureOptions,
): Promise<ConfigureResult> {
  const run = createRun(sender, options);
  return advance(run, await run.save(await prepare(run, input, options)), false);
}

/** Go on with a change that an earlier run has prepared. */
export async function resume(
  sender: Sender,
  state: unknown,
  options: ResumeOptions,
): Promise<ConfigureResult> {
  assertState(state);
  return advance(createRun(sender, options), state, true);
}

/** Take the state from stage to stage. Only the first stage of a resumed change may have happened already. */
async function advance(run: Run, first: ConfigureState, isResumed: boolean): Promise<ConfigureResult> {
  let state = first;
  let mayRepeat = isResumed;
  for (;;) {
    const next = await step(run, state, mayRepeat);
    if ("status" in next) return next;
    mayRepeat = false;
    state = await run.save(next);
  }
}

function step(
  run: Run,
  state: ConfigureState,
  mayRepeat: boolean,
): Promise<ConfigureState | ConfigureResult> {
  const { stage, cvmId, registration, transactionHash } = state;
  if (stage === "prepared") return sendChange(run, state, mayRepeat);
  if (stage === "accepted") return finish(run, state);
  if (stage === "unchanged") {
    return Promise.resolve({ status: "NO_CHANGE", cvmId, correlationId: null, percent: 100 });
  }
  if (registration === undefined) throw new CvmGatewayError("BAD_STATE", "The state has no registration.");
  if (stage === "registering" || transactionHash === undefined) {
    return register(run, { ...state, registration }, mayRepeat);
  }
  return confirm(run, { ...state, registration, transactionHash }, mayRepeat);
}
