import { assertNotAborted } from "../abort.ts";
import type { Sender } from "../requests/sender.ts";
import type { ConfigureState } from "./state.ts";
import type { ConfigureProgress, ResumeOptions } from "./types.ts";

/** One run of `configure` or `resume`. */
export type Run = {
  readonly sender: Sender;
  readonly options: ResumeOptions;
  readonly signal: AbortSignal | undefined;
  readonly maxOfflineMs: number;
  readonly maxConfirmMs: number;
  readonly settleMs: number;
  report(stage: ConfigureProgress["stage"], details?: Partial<ConfigureProgress>): void;
  /** Hand out the state and wait until it is stored. @throws what `onPrepared` throws; the reason of the signal */
  save<State extends ConfigureState>(state: State): Promise<State>;
};

/** Create a run with the default limits. */
export function createRun(sender: Sender, options: ResumeOptions): Run {
  const { signal, onProgress, onPrepared, maxOfflineMs = 600_000, maxConfirmMs = 900_000 } = options;
  return {
    sender,
    options,
    signal,
    maxOfflineMs,
    maxConfirmMs,
    settleMs: options.settleMs ?? 20_000,
    report(stage, { transaction = null, operation = null } = {}) {
      onProgress?.({ stage, transaction, operation });
    },
    async save(state) {
      await onPrepared?.(state);
      assertNotAborted(signal);
      return state;
    },
  };
}
