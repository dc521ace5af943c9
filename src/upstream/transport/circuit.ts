import { CircuitState, circuitBreaker, handleWhenResult, type IBreaker } from "cockatiel";

/** `open` refuses calls; `halfOpen` lets one through, whose end decides. */
export type CircuitStateName = "closed" | "open" | "halfOpen";

/** What the end of a call says about whoever answered it. */
export type Verdict = "succeeded" | "failed" | "nothing";

/** One circuit: cockatiel's state machine, fed with verdicts. */
export type Circuit = ReturnType<typeof createCircuit>;

/** Carries the end of a call that says nothing past cockatiel, which would count it as a success. */
class Uncounted<T> extends Error {
  readonly end: T;

  constructor(end: T) {
    super();
    this.end = end;
  }
}

const names: Readonly<Record<CircuitState, CircuitStateName>> = {
  [CircuitState.Closed]: "closed",
  [CircuitState.Open]: "open",
  [CircuitState.HalfOpen]: "halfOpen",
  [CircuitState.Isolated]: "open",
};

/** Makes a closed circuit. Once open it lets a call through after `openMs`. */
export function createCircuit(
  breaker: IBreaker,
  openMs: number,
  onChange: (state: CircuitStateName) => void = () => undefined,
) {
  const policy = circuitBreaker(
    handleWhenResult(
      (result) =>
        typeof result === "object" && result !== null && "failed" in result && result.failed === true,
    ),
    { breaker, halfOpenAfter: openMs },
  );
  let openedAt = 0;
  policy.onBreak(() => {
    openedAt = Date.now();
  });
  policy.onStateChange((state) => onChange(names[state]));
  return {
    getState: (): CircuitStateName => names[policy.state],
    /** How long calls are refused from now on, in milliseconds; 0 when the next one may go. */
    getWaitMs(): number {
      if (policy.state === CircuitState.Closed) return 0;
      if (policy.state === CircuitState.HalfOpen) return openMs;
      return Math.max(0, openedAt + openMs - Date.now());
    },
    /** Runs a call that {@link getWaitMs} lets go. While half open, only a success closes the circuit. */
    async run<T>(call: () => Promise<T>, judge: (end: T) => Verdict): Promise<T> {
      try {
        const { end } = await policy.execute(async () => {
          const result = await call();
          const verdict = judge(result);
          const failed =
            verdict !== "succeeded" && (verdict === "failed" || policy.state === CircuitState.HalfOpen);
          if (verdict === "nothing" && !failed) throw new Uncounted(result);
          return { end: result, failed };
        });
        return end;
      } catch (error) {
        if (error instanceof Uncounted) return error.end;
        throw error;
      }
    },
  };
}
