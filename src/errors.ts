import { MAX_FIELD_PROBLEMS } from "./limits.ts";

/**
 * What the catalogue says of one error code. `docs/errors.md` and `Query.errorCatalog` are made of it.
 */
export type ErrorFacts = {
  /** True when the same request may succeed later without a change to it. A single error may say otherwise. */
  readonly retryable: boolean;
  /** Why it happens. */
  readonly cause: string;
  /** What the client does next. */
  readonly remedy: string;
};

/** The closed set of codes that the gateway puts into `extensions.code`. */
export const errorCatalog = {
  UNAUTHENTICATED: {
    retryable: false,
    cause: "The request carries no credential, or the REST API does not accept the one it carries.",
    remedy: "Send a valid key as X-API-Key, or a token as Authorization: Bearer.",
  },
  FORBIDDEN: {
    retryable: false,
    cause:
      "The credential is valid but may not do this, for example because the CVM is in another workspace.",
    remedy: "Use a credential of the workspace that owns the CVM.",
  },
  NOT_FOUND: {
    retryable: false,
    cause: "The CVM, or the thing named beside it, does not exist for this caller.",
    remedy: "Check the identifier; list what there is with Query.cvms.",
  },
  BAD_USER_INPUT: {
    retryable: false,
    cause: "An argument or variable is missing, of the wrong type, or outside its limits.",
    remedy: "Correct the input that extensions.fields names, then send it again.",
  },
  AMBIGUOUS_CVM: {
    retryable: false,
    cause: "The name or app id fits several CVMs.",
    remedy: "Use the cvm_… id or the VM UUID of the one that is meant.",
  },
  OPERATION_IN_PROGRESS: {
    retryable: true,
    cause:
      "Another operation holds the CVM's lock. The lock outlives the visible progress by about a second.",
    remedy:
      "Wait for the running operation to end (retryAfterMs says how long at least), then send it again.",
  },
  CONFLICT: {
    retryable: false,
    cause: "The change contradicts something that exists, for example a name that is taken.",
    remedy: "Read the upstream message and change the input.",
  },
  VERSION_CONFLICT: {
    retryable: false,
    cause: "The configuration has changed since the version that expectedVersion names.",
    remedy: "Read the CVM again, look at what differs, and send the change with the new configVersion.",
  },
  IDEMPOTENCY_KEY_REUSED: {
    retryable: false,
    cause: "The idempotency key was used before with other input.",
    remedy: "Make a new key for each new change, and keep it for repeats of the same change only.",
  },
  HASH_INVALID_OR_EXPIRED: {
    retryable: false,
    cause:
      "The compose hash is unknown to the REST API, belongs to other input, or is older than seven days.",
    remedy: "Start again: send the change once more and take the new hash from its OnChainHashRequired.",
  },
  TRANSACTION_NOT_VERIFIED: {
    retryable: true,
    cause: "The REST API does not see the transaction yet, or it is not the one that registers this hash.",
    remedy:
      "Wait for another confirmation and confirm again; if it stays, check the transaction's chain and target.",
  },
  HASH_NOT_ALLOWED: {
    retryable: false,
    cause: "The app contract does not allow this compose hash.",
    remedy: "Send the transaction of OnChainHashRequired from the contract's owner, then confirm again.",
  },
  INSUFFICIENT_BALANCE: {
    retryable: false,
    cause: "The workspace cannot pay for the operation.",
    remedy: "Add credits to the workspace.",
  },
  RESOURCE_UNAVAILABLE: {
    retryable: false,
    cause:
      "The node cannot provide what is asked: vCPU, memory, GPU, slots, instance type, quota or OS image.",
    remedy: "Ask for less, or for another instance type or OS image (Cvm.availableOsImages).",
  },
  RATE_LIMITED: {
    retryable: true,
    cause: "Too many requests, to the gateway or to the REST API.",
    remedy: "Wait for retryAfterMs, then send it again.",
  },
  PAYLOAD_TOO_LARGE: {
    retryable: false,
    cause: "The request is larger than the gateway or the REST API takes.",
    remedy: "Send less: the Docker Compose file and the pre-launch script share 200 KiB.",
  },
  KMS_KEY_NOT_TRUSTED: {
    retryable: false,
    cause: "The environment key's signature is wrong, or no trusted KMS root key vouches for it.",
    remedy: "Do not send secrets to it. Have the operator check TRUSTED_KMS_ROOT_KEYS.",
  },
  UPSTREAM_TIMEOUT: {
    retryable: true,
    cause: "The REST API did not answer a read in time.",
    remedy: "Send it again later.",
  },
  UPSTREAM_UNAVAILABLE: {
    retryable: true,
    cause: "The REST API cannot be reached, or answers that it or the CVM's node is unavailable.",
    remedy: "Send it again later; after a write, read the CVM first.",
  },
  UPSTREAM_MALFORMED: {
    retryable: false,
    cause: "The REST API's answer breaks its own contract.",
    remedy: "Report it with the request id; after a write, read the CVM before anything else.",
  },
  UPSTREAM_REFUSED: {
    retryable: false,
    cause: "The REST API refused the request for a reason that has no code of its own here.",
    remedy: "Read extensions.upstream: status, error code and suggestions.",
  },
  OUTCOME_UNKNOWN: {
    retryable: false,
    cause: "A write was sent, and the connection ended before its answer came. It may have been applied.",
    remedy: "Do not send it again blindly: read the CVM's progress and configVersion first.",
  },
  CANCELLED: {
    retryable: true,
    cause: "The client left, or the request's time ran out, before anything was changed.",
    remedy: "Send it again.",
  },
  INTERNAL_SERVER_ERROR: {
    retryable: false,
    cause: "A defect in the gateway.",
    remedy: "Report it with the request id.",
  },
} as const satisfies Record<string, ErrorFacts>;

/** A code of the closed catalogue. */
export type ErrorCode = keyof typeof errorCatalog;

/** Codes that GraphQL over HTTP itself gives, before a resolver runs. */
export const protocolErrorCatalog = {
  BAD_REQUEST: {
    retryable: false,
    cause: "The HTTP request is not a GraphQL request.",
    remedy: "POST JSON with a query to /graphql.",
  },
  GRAPHQL_PARSE_FAILED: {
    retryable: false,
    cause: "The document is not GraphQL.",
    remedy: "Correct the syntax at the position that locations names.",
  },
  GRAPHQL_VALIDATION_FAILED: {
    retryable: false,
    cause: "The document does not fit the schema.",
    remedy: "Compare it with schema.graphql.",
  },
  OPERATION_RESOLUTION_FAILURE: {
    retryable: false,
    cause: "operationName is missing or names no operation of the document.",
    remedy: "Send the name of one operation.",
  },
  PERSISTED_DOCUMENT_NOT_FOUND: {
    retryable: false,
    cause: "No trusted document has the id that the request names.",
    remedy: "Publish the client's manifest to the gateway before the client, then reload it (SIGHUP).",
  },
  PERSISTED_DOCUMENT_REQUIRED: {
    retryable: false,
    cause: "The gateway runs trusted documents only, and the request names none.",
    remedy: "Send a documentId out of the manifest instead of a query.",
  },
} as const satisfies Record<string, ErrorFacts>;

/** One input that is wrong: `path` is the GraphQL input path, for example `input.vcpu`. */
export type FieldProblem = { readonly path: string; readonly message: string };

/** What the REST API said of a failure, in its own words. */
export type UpstreamFailure = {
  readonly status: number;
  readonly errorCode?: string;
  readonly message?: string;
  readonly requestId?: string;
  readonly suggestions?: readonly string[];
  readonly links?: readonly { readonly url: string; readonly label: string }[];
};

/** Everything of a {@link GatewayError} beside its code and message. */
export type GatewayErrorDetails = {
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
  readonly upstream?: UpstreamFailure;
  readonly fields?: readonly FieldProblem[];
  /** With `VERSION_CONFLICT`: the CVM's present version. */
  readonly currentVersion?: string;
  /** With `OPERATION_IN_PROGRESS`: the operation that runs. */
  readonly correlationId?: string;
  readonly cause?: unknown;
};

/**
 * The only error that reaches a client as it is. Its message is written for the client and never holds
 * an input value or a credential.
 */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly upstream: UpstreamFailure | undefined;
  readonly fields: readonly FieldProblem[] | undefined;
  readonly currentVersion: string | undefined;
  readonly correlationId: string | undefined;

  constructor(code: ErrorCode, message: string, details: GatewayErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = details.retryable ?? errorCatalog[code].retryable;
    this.retryAfterMs = details.retryAfterMs;
    this.upstream = details.upstream;
    this.fields = details.fields;
    this.currentVersion = details.currentVersion;
    this.correlationId = details.correlationId;
  }
}

/**
 * Create the `BAD_USER_INPUT` error for inputs that the gateway refuses before it sends anything. It reports
 * the first {@link MAX_FIELD_PROBLEMS} problems.
 */
export function createInputError(problems: readonly FieldProblem[]): GatewayError {
  const fields = problems.slice(0, MAX_FIELD_PROBLEMS);
  const message = fields.map((field) => `${field.path}: ${field.message}`).join(" ");
  return new GatewayError("BAD_USER_INPUT", message, { fields });
}

/**
 * Thrown when a process cannot start for a reason that its operator can remove, such as a wrong setting. The
 * message is written for the operator and never quotes a value.
 */
export class StartupError extends Error {
  override readonly name: string = "StartupError";
}
