import { type ExecutionResult, GraphQLError } from "graphql";
import { errorCatalog } from "../../error-catalog.ts";
import type { Logger } from "../../logger.ts";
import { maskError } from "./mask-error.ts";

/** Return the result of an operation that failed as a whole. */
export function toErrorResult(error: unknown): ExecutionResult {
  if (error instanceof GraphQLError) return { errors: [error] };
  const originalError = error instanceof Error ? error : new TypeError("The thrown value is not an Error.");
  return { errors: [new GraphQLError(errorCatalog.INTERNAL_SERVER_ERROR.message, { originalError })] };
}

/** Format every error of one result with {@link maskError}. */
export function maskResult(result: ExecutionResult, requestId: string, log: Logger): ExecutionResult {
  if (result.errors === undefined) return result;
  const onUnexpected = (err: unknown) => log.error({ err, requestId }, "unexpected error");
  return { ...result, errors: result.errors.map((error) => maskError(error, requestId, onUnexpected)) };
}
