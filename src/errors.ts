import { type ErrorCode, errorCatalog } from "./error-catalog.ts";
import { MAX_FIELD_PROBLEMS } from "./limits.ts";

/** One invalid input. `path` is its GraphQL input path, for example `input.vcpu`. */
export type FieldProblem = { readonly path: string; readonly message: string };

/** What the REST API reports about a failure. */
export type UpstreamFailure = {
  readonly status: number;
  readonly errorCode?: string;
  readonly message?: string;
  readonly requestId?: string;
  readonly suggestions?: readonly string[];
  readonly links?: readonly { readonly url: string; readonly label: string }[];
};

/** A transaction in the form that a wallet accepts (`eth_sendTransaction`). Hex starts with `0x`. */
export type TransactionRequest = {
  readonly chainId: number;
  readonly to: string;
  readonly data: string;
  readonly value: string;
};

/** Optional parts of a {@link GatewayError}. */
export type GatewayErrorDetails = {
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
  readonly upstream?: UpstreamFailure;
  readonly fields?: readonly FieldProblem[];
  /** With `VERSION_CONFLICT`: the current version of the CVM. */
  readonly currentVersion?: string;
  /** With `OPERATION_IN_PROGRESS`: the running operation. With `IDEMPOTENCY_KEY_REUSED`: that of the first write. */
  readonly correlationId?: string;
  /** With `HASH_INVALID_OR_EXPIRED`, and where a transaction cannot be built: the required compose hash, bare hex. */
  readonly composeHash?: string;
  /** With `HASH_NOT_ALLOWED`: the transactions to send before the same request is sent again. */
  readonly prerequisites?: readonly TransactionRequest[];
  readonly cause?: unknown;
};

/**
 * The only error that reaches a client unchanged. Its message is written for the client and never contains
 * an input value or a credential.
 */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly upstream?: UpstreamFailure;
  readonly fields?: readonly FieldProblem[];
  readonly currentVersion?: string;
  readonly correlationId?: string;
  readonly composeHash?: string;
  readonly prerequisites?: readonly TransactionRequest[];

  /** @param message - default: the message of the code in the catalogue */
  constructor(
    code: ErrorCode,
    message: string = errorCatalog[code].message,
    details: GatewayErrorDetails = {},
  ) {
    const { cause, retryable, ...given } = details;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable ?? errorCatalog[code].retryable;
    Object.assign(this, given);
  }
}

/**
 * Create the `BAD_USER_INPUT` error for inputs that are invalid before anything is sent. It reports the first
 * {@link MAX_FIELD_PROBLEMS} problems.
 */
export function createInputError(problems: readonly FieldProblem[]): GatewayError {
  const fields = problems.slice(0, MAX_FIELD_PROBLEMS);
  const message = fields.map((field) => `${field.path}: ${field.message}`).join(" ");
  return new GatewayError("BAD_USER_INPUT", message, { fields });
}

/** Codes of a call that brought no usable answer. They say nothing about the request or the caller's rights. */
const noUsableAnswer: readonly ErrorCode[] = [
  "RATE_LIMITED",
  "UPSTREAM_MALFORMED",
  "UPSTREAM_TIMEOUT",
  "UPSTREAM_UNAVAILABLE",
];

/** A shared poll continues after these: its streams would otherwise end with each short outage. */
export const pollContinuesAfter: ReadonlySet<ErrorCode> = new Set([...noUsableAnswer, "CANCELLED"]);

/**
 * A write is sent although a read for an optional check failed with one of these. The REST API makes the same
 * check, and an endpoint that this API version lacks must not block a write.
 */
export const optionalReadMayFailWith: ReadonlySet<ErrorCode> = new Set([
  ...noUsableAnswer,
  "UPSTREAM_REFUSED",
]);

/** The REST API answers with these when it does not know the contract of an app. The flag is then null. */
export const contractUnknownAfter: ReadonlySet<ErrorCode> = new Set([
  "NOT_FOUND",
  "BAD_USER_INPUT",
  "UPSTREAM_REFUSED",
]);

/** Whether a failure is a {@link GatewayError} with one of these codes. */
export function hasCode(error: unknown, codes: ReadonlySet<ErrorCode>): boolean {
  return error instanceof GatewayError && codes.has(error.code);
}

/**
 * Thrown when a process cannot start for a reason that its operator can fix, such as an invalid setting. The
 * message is written for the operator and never quotes a value.
 */
export class StartupError extends Error {
  override readonly name: string = "StartupError";
}
