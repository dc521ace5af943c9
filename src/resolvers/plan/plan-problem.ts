import type { InputProblem, ProblemCode } from "../write/input-problem.ts";

/** A problem that a dry run found. `line` and `column` start at 1 and refer to the text in `field`. */
export type PlanProblem = {
  /** ERROR: the change would be rejected, or the CVM would not start. WARNING: likely a mistake. */
  readonly severity: "ERROR" | "WARNING";
  readonly code: ProblemCode;
  readonly message: string;
  readonly field: string | null;
  readonly line: number | null;
  readonly column: number | null;
};

/** The warning for a CVM on which an operation is running. */
export const operationRunning: PlanProblem = {
  severity: "WARNING",
  code: "OPERATION_RUNNING",
  message:
    "An operation is running on this CVM. Until it ends, configureCvm fails with OPERATION_IN_PROGRESS.",
  field: null,
  line: null,
  column: null,
};

/** Return the error for a problem for which `configureCvm` would reject the input. */
export function toPlanError({ code, message, path, line, column }: InputProblem): PlanProblem {
  return { severity: "ERROR", code, message, field: path, line: line ?? null, column: column ?? null };
}
