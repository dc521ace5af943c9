import { createInputError, type FieldProblem } from "../../errors.ts";

/** What can be wrong with a configuration; the closed set of `PlanProblem.code`, see docs/planning.md. */
export const problemCodes = [
  "INVALID_INPUT",
  "YAML_SYNTAX",
  "SERVICES_MISSING",
  "SIZE_LIMIT",
  "ENV_INVALID",
  "ENV_KEYS_LOST",
  "KMS_KEY_NOT_TRUSTED",
  "DISK_SHRINKS",
  "IMAGE_UNAVAILABLE",
  "NOTHING_TO_PREPARE",
  "OPERATION_RUNNING",
  "SERVICE_INVALID",
  "VARIABLE_UNDEFINED",
  "ENV_KEY_UNUSED",
  "IMAGE_UNPINNED",
  "BUILD_UNSUPPORTED",
  "ENV_FILE_UNSUPPORTED",
  "HOST_PATH_UNSUPPORTED",
] as const;

/** A code of the closed set. */
export type ProblemCode = (typeof problemCodes)[number];

/** One thing that is wrong with an input. `line` and `column` count from 1, in the text at `path`. */
export type InputProblem = FieldProblem & {
  readonly code: ProblemCode;
  readonly line?: number;
  readonly column?: number;
};

/** Makes a problem of a field that simply has a wrong value. */
export function describeInvalid(path: string, message: string): InputProblem {
  return { code: "INVALID_INPUT", path, message };
}

/** @throws {GatewayError} `BAD_USER_INPUT` with all problems, where there are any. */
export function assertNoProblems(problems: readonly InputProblem[]): void {
  if (problems.length === 0) return;
  throw createInputError(problems.map(({ path, message }) => ({ path, message })));
}
