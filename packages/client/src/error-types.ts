import type { CvmGatewayError } from "./gateway-error.ts";

/**
 * One wrong input.
 *
 * @example
 * ```ts
 * for (const { path, message } of error.fields) form.setError(path.replace("input.", ""), message);
 * ```
 */
export type FieldProblem = { readonly path: string; readonly message: string };

/**
 * Transaction in the form that a wallet accepts. Hex starts with `0x`.
 *
 * @example
 * ```ts
 * const { chainId, ...request }: Transaction = transaction;
 * await ethereum.request({ method: "eth_sendTransaction", params: [{ from, ...request }] });
 * ```
 */
export type Transaction = {
  readonly chainId: number;
  readonly to: string;
  readonly data: string;
  readonly value: string;
};

/** Optional parts of a {@link CvmGatewayError}. */
export type GatewayErrorDetails = {
  readonly retryable?: boolean | undefined;
  readonly retryAfterMs?: number | null | undefined;
  readonly fields?: readonly FieldProblem[] | undefined;
  readonly requestId?: string | null | undefined;
  readonly path?: readonly (string | number)[] | undefined;
  readonly correlationId?: string | null | undefined;
  readonly currentVersion?: string | null | undefined;
  readonly composeHash?: string | null | undefined;
  readonly prerequisites?: readonly Transaction[] | undefined;
  readonly data?: unknown;
  readonly more?: readonly CvmGatewayError[] | undefined;
  readonly cause?: unknown;
};
