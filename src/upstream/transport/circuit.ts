import { CircuitState, type IBreaker } from "cockatiel";

/** `open` rejects calls. `halfOpen` lets one trial call through, whose result decides. */
export type CircuitStateName = "closed" | "open" | "halfOpen";

/** What the result of a call says about the server. `unknown` counts neither as success nor as failure. */
export type Verdict = "succeeded" | "failed" | "unknown";

/** Number of a trial call. Null for a call that began while the circuit was closed. */
export type Trial = number | null;

/** One circuit. cockatiel's breaker decides when it opens. */
export type Circuit = ReturnType<typeof createCircuit>;

/**
 * Create a closed circuit. Once open, it lets a trial call through after `openMs`.
 *
 * cockatiel's own policy counts every call, so it has no place for the verdict `unknown`. For that reason the
 * verdicts are fed to its breaker directly.
 */
export function createCircuit(
  breaker: IBreaker,
  openMs: number,
  onChange: (state: CircuitStateName) => void = () => undefined,
) {
  let state: CircuitStateName = "closed";
  let openedAt = 0;
  let trials = 0;

  function enter(next: CircuitStateName): void {
    if (state === next) return;
    state = next;
    if (next === "open") openedAt = Date.now();
    onChange(next);
  }

  function recordTrial(trial: number, verdict: Verdict): void {
    // A call from before the outage can have opened the circuit again in the meantime.
    if (state !== "halfOpen" || trial !== trials) return;
    if (verdict === "succeeded") {
      breaker.success(CircuitState.HalfOpen);
      enter("closed");
    } else {
      breaker.failure(CircuitState.HalfOpen);
      enter("open");
    }
  }

  return {
    getState: (): CircuitStateName => state,
    /** How long calls are rejected from now on, in milliseconds. 0 when the next call may be sent. */
    getWaitMs(): number {
      if (state === "closed") return 0;
      return state === "halfOpen" ? openMs : Math.max(0, openedAt + openMs - Date.now());
    },
    /** Begin a call that {@link getWaitMs} allows. */
    begin(): Trial {
      if (state === "closed") return null;
      trials += 1;
      enter("halfOpen");
      return trials;
    },
    /** Record the result of a call. Only a successful trial closes an open circuit. */
    record(trial: Trial, verdict: Verdict): void {
      if (trial !== null) recordTrial(trial, verdict);
      else if (verdict === "succeeded") breaker.success(CircuitState.Closed);
      else if (verdict === "failed" && breaker.failure(CircuitState.Closed)) enter("open");
    },
  };
}
