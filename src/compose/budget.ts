import { composeLimits } from "../limits.ts";

/** Thrown when a file needs more work than its budget allows. */
export class TooComplexError extends Error {
  override readonly name = "TooComplexError";
}

/** Counts the nodes that the checks of one file visit. A node counts each time an alias leads to it. */
export type VisitBudget = {
  /** Count a number of nodes. @throws {TooComplexError} */
  spend(nodes: number): void;
};

/** Create the budget of one file. */
export function createVisitBudget(): VisitBudget {
  let left = composeLimits.visits;
  return {
    spend(nodes) {
      left -= nodes;
      if (left < 0) throw new TooComplexError();
    },
  };
}
