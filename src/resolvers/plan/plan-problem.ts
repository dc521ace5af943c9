import type { ConfigureCvmInput } from "../../schema/input/configure-cvm.ts";
import { APPLIES_NOTHING, appliesNothing } from "../configure/setting-checks.ts";
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

const TYPE_AND_SIZE =
  "The instance type should win over vcpu and memoryMb, but the REST API does not document it. Give either the type or the numbers.";

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

/** The warning for a compose hash that nobody can register, because the contract has no owner. */
export const ownerMissing: PlanProblem = {
  severity: "WARNING",
  code: "OWNER_MISSING",
  message:
    "The owner of the app contract is the zero address, so nobody can register the new compose hash. The change cannot be applied to this CVM.",
  field: null,
  line: null,
  column: null,
};

/** Find settings that have no effect, or whose effect the REST API does not document. */
export function findSettingWarnings(input: ConfigureCvmInput): PlanProblem[] {
  const warn = (code: ProblemCode, field: string, message: string): PlanProblem => {
    return { severity: "WARNING", code, message, field, line: null, column: null };
  };
  const hasSize = input.vcpu !== undefined || input.memoryMb !== undefined;
  return [
    ...(appliesNothing(input) ? [warn("APPLIES_NOTHING", "input", APPLIES_NOTHING)] : []),
    ...(input.instanceType !== undefined && hasSize
      ? [warn("INSTANCE_TYPE_AND_SIZE", "input.instanceType", TYPE_AND_SIZE)]
      : []),
  ];
}

/** Return the error for a problem for which `configureCvm` would reject the input. */
export function toPlanError({ code, message, path, line, column }: InputProblem): PlanProblem {
  return { severity: "ERROR", code, message, field: path, line: line ?? null, column: column ?? null };
}
