import { ConsecutiveBreaker } from "cockatiel";
import { LRUCache } from "lru-cache";
import { type Circuit, createCircuit, type Verdict } from "./circuit.ts";

/** Failures in a row after which the circuit of one CVM opens. */
const MAX_FAILURES = 10;
const MAX_CIRCUITS = 10_000;

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
    getWaitMs: (cvm: string): number => circuits.get(cvm)?.getWaitMs() ?? 0,
    /** Begin a call about a CVM. @returns a function that records its result */
    begin(cvm: string): (verdict: Verdict) => void {
      const circuit = circuits.get(cvm);
      const trial = circuit?.begin() ?? null;
      return (verdict) => {
        if (verdict === "succeeded") circuits.delete(cvm);
        else if (circuit !== undefined) circuit.record(trial, verdict);
        else if (verdict === "failed") recordFirstFailure(cvm);
      };
    },
  };
}
