import type { InputProblem, ProblemCode } from "../write/input-problem.ts";

/** Something that the plan found. `line` and `column` count from 1, in the text at `field`. */
export type PlanProblem = {
  /** ERROR: the change would be refused, or the CVM would not start with it. WARNING: likely a mistake. */
  readonly severity: "ERROR" | "WARNING";
  readonly code: ProblemCode;
  readonly message: string;
  readonly field: string | null;
  readonly line: number | null;
  readonly column: number | null;
};

/** A problem for which `configureCvm` would refuse the input. */
export function toPlanError({ code, message, path, line, column }: InputProblem): PlanProblem {
  return { severity: "ERROR", code, message, field: path, line: line ?? null, column: column ?? null };
}
