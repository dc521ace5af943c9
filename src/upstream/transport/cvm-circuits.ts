import { ConsecutiveBreaker } from "cockatiel";
import { LRUCache } from "lru-cache";
import { type Circuit, createCircuit, type Verdict } from "./circuit.ts";

/** Failures in a row after which the circuit of one CVM opens. */
const MAX_FAILURES = 10;
const MAX_CIRCUITS = 10_000;

/**
 * Returns the key of the CVM and the caller; null for a call about no single CVM. It costs a hash, so it is called
 * only once a CVM has failed.
 */
export type FindKey = () => string | null;

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
    /** Begin a call about a CVM. @returns a function that records its result */
    begin(findKey: FindKey): (verdict: Verdict) => void {
      const first = circuits.size === 0 ? null : findKey();
      const circuit = first === null ? undefined : circuits.get(first);
      const trial = circuit?.begin() ?? null;
      return (verdict) => {
        const isClosed = circuits.size === 0 && verdict !== "failed";
        const cvm = isClosed ? null : findKey();
        if (cvm === null) return;
        if (verdict === "succeeded") circuits.delete(cvm);
        else if (circuit !== undefined) circuit.record(trial, verdict);
        else if (verdict === "failed") recordFirstFailure(cvm);
      };
    },
  };
}
