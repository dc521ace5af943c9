import { createInputError, type FieldProblem } from "../../errors.ts";

/** Codes of input problems: the closed set of `PlanProblem.code`, documented in docs/planning.md. */
export const problemCodes = [
  "INVALID_INPUT",
  "YAML_SYNTAX",
  "SERVICES_MISSING",
  "TOO_COMPLEX",
  "SIZE_LIMIT",
  "ENV_INVALID",
  "ENV_KEYS_LOST",
  "KMS_KEY_NOT_TRUSTED",
  "DISK_SHRINKS",
  "IMAGE_UNAVAILABLE",
  "NOTHING_TO_PREPARE",
  "OPERATION_RUNNING",
  "APPLIES_NOTHING",
  "INSTANCE_TYPE_AND_SIZE",
  "OWNER_MISSING",
  "SERVICE_INVALID",
  "VARIABLE_UNDEFINED",
  "ENV_KEY_UNUSED",
  "IMAGE_UNPINNED",
  "BUILD_UNSUPPORTED",
  "ENV_FILE_UNSUPPORTED",
  "HOST_PATH_UNSUPPORTED",
] as const;

/** Code of an input problem. */
export type ProblemCode = (typeof problemCodes)[number];

/** A problem of an input. `line` and `column` start at 1 and refer to the text at `path`. */
export type InputProblem = FieldProblem & {
  readonly code: ProblemCode;
  readonly line?: number;
  readonly column?: number;
};

/** Return the problem of a field that has an invalid value. */
export function describeInvalid(path: string, message: string): InputProblem {
  return { code: "INVALID_INPUT", path, message };
}

/** Assert that there are no problems. @throws {GatewayError} `BAD_USER_INPUT` that names them */
export function assertNoProblems(problems: readonly InputProblem[]): void {
  if (problems.length === 0) return;
  throw createInputError(problems.map(({ path, message }) => ({ path, message })));
}
