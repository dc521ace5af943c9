import { SamplingBreaker } from "cockatiel";
import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import { isTooLarge, wasNeverSent } from "../errors/connection-failure.ts";
import { type CircuitStateName, createCircuit, type Trial, type Verdict } from "./circuit.ts";
import { type CvmTrial, createCvmCircuits, type FindKey } from "./cvm-circuits.ts";

/** Period over which the calls of the REST API are counted. */
const SAMPLE_MS = 20_000;
/** The circuit of the REST API stays closed with fewer calls than this in the period. */
const MIN_CALLS = 10;
/** The circuit of the REST API opens when more than this share of the calls failed. */
const FAILED_SHARE = 0.5;
/** Number of CVMs that must fail, with no success in between, before their failures count for the REST API. */
const MIN_CVMS = 3;

type Reply = { readonly status: number };
type Outcome = { readonly reply: Reply } | { readonly error: unknown };

/** A call that was let through. `startedAt` is in milliseconds since 1970. */
type BegunCall = {
  readonly findKey: FindKey;
  readonly startedAt: number;
  readonly trial: Trial;
  readonly cvmTrial: CvmTrial | null;
};

/** State of the breaker. `cvms` is the number of CVMs whose own circuit is not closed. */
export type BreakerReport = { readonly state: CircuitStateName; readonly cvms: number };

/**
 * Stops calls to a REST API that does not answer, so that clients get their error without delay.
 *
 * Timeouts, broken connections and 5xx count as failures. A 4xx is an answer. A call that names a CVM may fail
 * because of that CVM alone, so it counts for that CVM and caller. It counts for the whole REST API only if
 * nothing else succeeds: several CVMs fail, and no call has succeeded for a while. A connection that cannot be
 * opened always counts for the whole REST API.
 */
export type Breaker = ReturnType<typeof createBreaker>;

function toVerdict(outcome: Outcome): Verdict {
  if ("reply" in outcome) return outcome.reply.status >= 500 ? "failed" : "succeeded";
  if (isTooLarge(outcome.error)) return "succeeded";
  const clientLeft = outcome.error instanceof Error && outcome.error.name === "AbortError";
  return clientLeft ? "unknown" : "failed";
}

/** Decide which failures of CVMs say something about the whole REST API. */
function createCvmFailureFilter(openMs: number) {
  const failedCvms = new Set<string>();
  let succeededAt = Date.now();
  return (findKey: FindKey, outcome: Outcome, startedAt: number): Verdict => {
    const verdict = toVerdict(outcome);
    if (verdict === "succeeded") {
      succeededAt = Date.now();
      failedCvms.clear();
    }
    const cvm = verdict === "failed" ? findKey() : null;
    if (cvm === null) return verdict;
    if ("error" in outcome && wasNeverSent(outcome.error)) return "failed";
    if (failedCvms.size < MIN_CVMS) failedCvms.add(cvm);
    const cvmAlone = failedCvms.size < MIN_CVMS || succeededAt > startedAt - openMs;
    return cvmAlone ? "unknown" : "failed";
  };
}

/** Create the breaker of the REST API. `openMs` is how long it stays open before it lets a trial call through. */
export function createBreaker(openMs: number, onChange?: (state: CircuitStateName) => void) {
  const minimumRps = MIN_CALLS / (SAMPLE_MS / 1000);
  const api = createCircuit(
    new SamplingBreaker({ threshold: FAILED_SHARE, duration: SAMPLE_MS, minimumRps }),
    openMs,
    onChange,
  );
  const cvms = createCvmCircuits(openMs);
  const toApiVerdict = createCvmFailureFilter(openMs);

  return {
    report: (): BreakerReport => ({ state: api.getState(), cvms: cvms.countFailing() }),
    /**
     * Begin a call, unless the circuit is open. {@link end} has to follow.
     *
     * @param findKey - finds the key of the CVM and the caller
     * @throws {GatewayError} `UPSTREAM_UNAVAILABLE` with `retryAfterMs` while open, before anything is sent
     */
    begin(findKey: FindKey): BegunCall {
      const retryAfterMs = Math.max(api.getWaitMs(), cvms.getWaitMs(findKey));
      if (retryAfterMs > 0) {
        throw new GatewayError("UPSTREAM_UNAVAILABLE", errorMessages.breakerOpen, { retryAfterMs });
      }
      return { findKey, startedAt: Date.now(), trial: api.begin(), cvmTrial: cvms.begin(findKey) };
    },
    /** Record the outcome of a call. */
    end({ findKey, startedAt, trial, cvmTrial }: BegunCall, outcome: Outcome): void {
      cvms.record(cvmTrial, findKey, toVerdict(outcome));
      api.record(trial, toApiVerdict(findKey, outcome, startedAt));
    },
  };
}
