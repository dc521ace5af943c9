/** Codes of problems in a Docker Compose file. */
type ComposeProblemCode =
  | "YAML_SYNTAX"
  | "SERVICES_MISSING"
  | "TOO_COMPLEX"
  | "SERVICE_INVALID"
  | "VARIABLE_UNDEFINED"
  | "ENV_KEY_UNUSED"
  | "IMAGE_UNPINNED"
  | "BUILD_UNSUPPORTED"
  | "ENV_FILE_UNSUPPORTED"
  | "HOST_PATH_UNSUPPORTED";

/** A problem in a Docker Compose file. `line` and `column` start at 1. No message quotes the text. */
export type ComposeProblem = {
  readonly severity: "ERROR" | "WARNING";
  readonly code: ComposeProblemCode;
  readonly message: string;
  /** Null for a problem of the whole file, and for one of the environment variables of the CVM. */
  readonly line: number | null;
  readonly column: number | null;
  /** What has the problem: the file, or the names of the environment variables. */
  readonly subject: "file" | "names";
};
