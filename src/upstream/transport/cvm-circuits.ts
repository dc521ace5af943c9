import { ConsecutiveBreaker } from "cockatiel";
import { LRUCache } from "lru-cache";
import { type Circuit, createCircuit, type Trial, type Verdict } from "./circuit.ts";

/** Failures in a row after which the circuit of one CVM opens. */
const MAX_FAILURES = 10;
const MAX_CIRCUITS = 10_000;

/**
 * Returns the key of the CVM and the caller; null for a call about no single CVM. It costs a hash, so it is called
 * only once a CVM has failed.
 */
export type FindKey = () => string | null;

/** A call within the circuit of a CVM. */
export type CvmTrial = { readonly circuit: Circuit; readonly trial: Trial };

/**
 * Create the circuits of single CVMs. Only a CVM that fails has one.
 *
 * @param openMs - how long a circuit stays open before its trial call
 */
export function createCvmCircuits(openMs: number) {
  const circuits = new LRUCache<string, Circuit>({ max: MAX_CIRCUITS });

  function recordFirstFailure(cvm: string): void {
    const circuit = circuits.get(cvm) ?? createCircuit(new ConsecutiveBreaker(MAX_FAILURES), openMs);
    circuits.set(cvm, circuit);
    circuit.record(null, "failed");
  }

  return {
    /** Number of CVMs whose circuit is not closed. */
    countFailing: (): number =>
      [...circuits.values()].filter((circuit) => circuit.getState() !== "closed").length,
    getWaitMs(findKey: FindKey): number {
      const cvm = circuits.size === 0 ? null : findKey();
      return cvm === null ? 0 : (circuits.get(cvm)?.getWaitMs() ?? 0);
    },
    /** Begin a call about a CVM. @returns its place in the circuit of the CVM; null if that has none */
    begin(findKey: FindKey): CvmTrial | null {
      const cvm = circuits.size === 0 ? null : findKey();
      const circuit = cvm === null ? undefined : circuits.get(cvm);
      return circuit === undefined ? null : { circuit, trial: circuit.begin() };
    },
    /** Record the result of a call that {@link begin} began. */
    record(begun: CvmTrial | null, findKey: FindKey, verdict: Verdict): void {
      const isClosed = circuits.size === 0 && verdict !== "failed";
      const cvm = isClosed ? null : findKey();
      if (cvm === null) return;
      if (verdict === "succeeded") circuits.delete(cvm);
      else if (begun !== null) begun.circuit.record(begun.trial, verdict);
      else if (verdict === "failed") recordFirstFailure(cvm);
    },
  };
}
