import { ConsecutiveBreaker, SamplingBreaker } from "cockatiel";
import { LRUCache } from "lru-cache";
import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import { type Circuit, type CircuitStateName, createCircuit, type Verdict } from "./circuit.ts";
import { isTooLarge, wasNeverSent } from "./retry.ts";

/** The time over which the origin's calls are counted. */
const SAMPLE_MS = 20_000;
/** Fewer calls than these in that time open nothing. */
const MIN_CALLS = 10;
/** The origin's circuit opens when more than this share of them failed. */
const FAILED_SHARE = 0.5;
/** One CVM's circuit opens after so many failures in a row. */
const CVM_FAILURES = 10;
/** So many CVMs have to fail, with no success in between, before their failures say something of the origin. */
const MIN_CVMS = 3;
const MAX_CVM_CIRCUITS = 10_000;

type End<T> = { readonly reply: T } | { readonly error: unknown };

/** What an outage looks like from outside; `cvms` counts CVMs whose own circuit is not closed. */
export type BreakerReport = { readonly state: CircuitStateName; readonly cvms: number };

/**
 * Stops calls to an upstream that does not answer, so that callers hear at once.
 *
 * Timeouts, broken connections and 5xx count; a 4xx is an answer. A call that names a CVM may fail because
 * of that CVM alone, so it counts for that CVM and caller. It counts for all only where nothing else
 * succeeds: several CVMs fail and no call has come back for a while. A connection that cannot be made
 * always counts for all.
 */
export type Breaker = ReturnType<typeof createBreaker>;

async function settle<T>(call: () => Promise<T>): Promise<End<T>> {
  try {
    return { reply: await call() };
  } catch (error) {
    return { error };
  }
}

function judge(end: End<{ readonly status: number }>): Verdict {
  if ("reply" in end) return end.reply.status >= 500 ? "failed" : "succeeded";
  const left = end.error instanceof Error && end.error.name === "AbortError";
  return isTooLarge(end.error) ? "succeeded" : left ? "nothing" : "failed";
}

function refuse(waitMs: number): GatewayError {
  return new GatewayError("UPSTREAM_UNAVAILABLE", errorMessages.breakerOpen, { retryAfterMs: waitMs });
}

/** Makes the breaker of one origin. `openMs` is how long it stays open before it lets a call through. */
export function createBreaker(openMs: number, onChange?: (state: CircuitStateName) => void) {
  const origin = createCircuit(
    new SamplingBreaker({
      threshold: FAILED_SHARE,
      duration: SAMPLE_MS,
      minimumRps: MIN_CALLS / (SAMPLE_MS / 1000),
    }),
    openMs,
    onChange,
  );
  const cvms = new LRUCache<string, Circuit>({ max: MAX_CVM_CIRCUITS });
  const failedCvms = new Set<string>();
  let succeededAt = Date.now();

  function judgeOrigin(
    end: End<{ readonly status: number }>,
    cvm: string | null,
    startedAt: number,
  ): Verdict {
    const verdict = judge(end);
    if (verdict === "succeeded") {
      succeededAt = Date.now();
      failedCvms.clear();
    }
    if (verdict !== "failed" || cvm === null) return verdict;
    if ("error" in end && wasNeverSent(end.error)) return "failed";
    if (failedCvms.size < MIN_CVMS) failedCvms.add(cvm);
    const alone = failedCvms.size < MIN_CVMS || succeededAt > startedAt - openMs;
    return alone ? "nothing" : "failed";
  }

  /** Keeps a circuit only for a CVM that fails. */
  async function runForCvm<T extends { readonly status: number }>(cvm: string, call: () => Promise<T>) {
    const known = cvms.get(cvm);
    const end = known === undefined ? await settle(call) : await known.run(() => settle(call), judge);
    if (judge(end) === "succeeded") cvms.delete(cvm);
    if (judge(end) === "failed" && known === undefined) {
      const circuit = cvms.get(cvm) ?? createCircuit(new ConsecutiveBreaker(CVM_FAILURES), openMs);
      cvms.set(cvm, circuit);
      await circuit.run(async () => end, judge);
    }
    return end;
  }

  return {
    report: (): BreakerReport => ({
      state: origin.getState(),
      cvms: [...cvms.values()].filter((circuit) => circuit.getState() !== "closed").length,
    }),
    /**
     * Makes one call, or none.
     *
     * @param cvm names the CVM and the caller, null where the call is about no CVM.
     * @throws {GatewayError} `UPSTREAM_UNAVAILABLE` with `retryAfterMs` while open, before anything is sent.
     */
    async run<T extends { readonly status: number }>(cvm: string | null, call: () => Promise<T>): Promise<T> {
      const own = cvm === null ? undefined : cvms.get(cvm);
      const waitMs = Math.max(origin.getWaitMs(), own?.getWaitMs() ?? 0);
      if (waitMs > 0) throw refuse(waitMs);
      const startedAt = Date.now();
      const end = await origin.run(
        () => (cvm === null ? settle(call) : runForCvm(cvm, call)),
        (result) => judgeOrigin(result, cvm, startedAt),
      );
      if ("reply" in end) return end.reply;
      throw end.error;
    },
  };
}
