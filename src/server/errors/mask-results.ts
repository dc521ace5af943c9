import type { ExecutionResult } from "graphql";
import { isAsyncIterable, mapAsyncIterator, type Plugin } from "graphql-yoga";
import type { Logger } from "../../logger.ts";
import { getRequestId } from "../http/request-id.ts";
import { maskError } from "./mask-error.ts";

/** Format every error of one result with {@link maskError}. */
export function maskResult<T extends ExecutionResult>(result: T, requestId: string, log: Logger): T {
  if (result.errors === undefined) return result;
  const onUnexpected = (err: unknown) => log.error({ err, requestId }, "unexpected error");
  return { ...result, errors: result.errors.map((error) => maskError(error, requestId, onUnexpected)) };
}

/** Format every error of every result with {@link maskError}, including the results of streams. */
export function useErrorMasking(log: Logger): Plugin {
  return {
    onResultProcess({ request, result, setResult }) {
      const requestId = getRequestId(request);
      const mask = <T extends ExecutionResult>(single: T): T => maskResult(single, requestId, log);
      if (isAsyncIterable(result)) setResult(mapAsyncIterator(result, mask));
      else setResult(Array.isArray(result) ? result.map(mask) : mask(result));
    },
  };
}
