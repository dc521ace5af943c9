import type { FieldProblem, GatewayErrorDetails, Transaction } from "./error-types.ts";

/**
 * Codes that this package adds to those of the gateway.
 *
 * | code | meaning |
 * |---|---|
 * | `NETWORK_ERROR` | No answer arrived: the connection failed or was lost, or the time was over. |
 * | `INVALID_RESPONSE` | The answer is not one of the gateway, for example the page of a proxy. |
 * | `SIGNATURE_REQUIRED` | A compose hash has to be registered on chain, and `sign` is missing. Nothing was applied. |
 * | `BAD_SIGNATURE_RESULT` | `sign` did not resolve with a transaction hash of 32 bytes. |
 * | `NOT_APPLIED` | The outcome was unknown, and the CVM shows that the change was not applied. |
 * | `OPERATION_FAILED` | The change was accepted, and its operation failed. |
 * | `BAD_STATE` | `resume` was called with something that `onPrepared` did not return. |
 *
 * @example
 * ```ts
 * const code: ClientErrorCode = "NETWORK_ERROR";
 * ```
 */
export type ClientErrorCode =
  | "NETWORK_ERROR"
  | "INVALID_RESPONSE"
  | "SIGNATURE_REQUIRED"
  | "BAD_SIGNATURE_RESULT"
  | "NOT_APPLIED"
  | "OPERATION_FAILED"
  | "BAD_STATE";

/**
 * The error of every call to the gateway. Decide by `code`, show `message` to people. The message never contains
 * the value of a variable, so you may log it.
 *
 * @example
 * ```ts
 * try {
 *   await client.configure({ id: "web", vcpu: 4 });
 * } catch (error) {
 *   if (error instanceof CvmGatewayError && error.retryable) showRetry(error.retryAfterMs ?? 1_000);
 *   else throw error;
 * }
 * ```
 */
export class CvmGatewayError extends Error {
  override readonly name = "CvmGatewayError";
  /** A code of the gateway (`Query.errorCatalog`, docs/errors.md) or a {@link ClientErrorCode}. */
  readonly code: string;
  /** Whether the same request can succeed later. */
  readonly retryable: boolean;
  /** Minimum time to wait before the next attempt, in milliseconds. Null if it is not known. */
  readonly retryAfterMs: number | null;
  /** Inputs that are wrong, by their GraphQL path. */
  readonly fields: readonly FieldProblem[];
  /** Id of the request, for a report to the operator of the gateway. Null without an answer. */
  readonly requestId: string | null;
  /** Path of the field that failed. Empty if the whole request failed. */
  readonly path: readonly (string | number)[];
  /** With `OPERATION_IN_PROGRESS`, `IDEMPOTENCY_KEY_REUSED` and `OPERATION_FAILED`: the operation, where known. */
  readonly correlationId: string | null;
  /** With `VERSION_CONFLICT`: the present version of the configuration. */
  readonly currentVersion: string | null;
  /** The compose hash that the error is about, where there is one. */
  readonly composeHash: string | null;
  /** Transactions to send before the same request is sent again. */
  readonly prerequisites: readonly Transaction[];
  // Private, so that a logger that writes all members of an error writes neither data nor a circle.
  readonly #data: unknown;
  readonly #more: readonly CvmGatewayError[];

  constructor(code: string, message: string, details: GatewayErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = details.retryable ?? false;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.fields = details.fields ?? [];
    this.requestId = details.requestId ?? null;
    this.path = details.path ?? [];
    this.correlationId = details.correlationId ?? null;
    this.currentVersion = details.currentVersion ?? null;
    this.composeHash = details.composeHash ?? null;
    this.prerequisites = details.prerequisites ?? [];
    this.#data = details.data ?? null;
    this.#more = details.more ?? [];
  }

  /** Data of the fields that did not fail. Null if there is none. */
  get data(): unknown {
    return this.#data;
  }

  /** All errors of the answer, this one first. */
  get errors(): readonly CvmGatewayError[] {
    return [this, ...this.#more];
  }
}
