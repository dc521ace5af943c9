import type { ExecutionResult } from "graphql";
import { isAsyncIterable, mapAsyncIterator, type Plugin } from "graphql-yoga";
import type { Logger } from "../logger.ts";
import { maskError } from "./mask-error.ts";
import { getRequestId } from "./request-id.ts";

/** Sends every error of every result through {@link maskError}, those of streams too. */
export function useErrorFunnel(log: Logger): Plugin {
  return {
    onResultProcess({ request, result, setResult }) {
      const requestId = getRequestId(request);
      const onUnexpected = (err: unknown) => log.error({ err, requestId }, "unexpected error");
      const mask = <T extends ExecutionResult>(single: T): T =>
        single.errors === undefined
          ? single
          : { ...single, errors: single.errors.map((error) => maskError(error, requestId, onUnexpected)) };
      if (isAsyncIterable(result)) setResult(mapAsyncIterator(result, mask));
      else setResult(Array.isArray(result) ? result.map(mask) : mask(result));
    },
  };
}
