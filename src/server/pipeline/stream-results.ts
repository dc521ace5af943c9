import type { ExecutionResult } from "graphql";
import type { Stream } from "../../watch/latest-value.ts";
import type { OperationResult } from "./types.ts";

/** Whether an operation has a stream of results. */
export function isStream(result: OperationResult): result is AsyncIterable<ExecutionResult> {
  return Symbol.asyncIterator in result;
}

/** Format each result of a stream. An error that ends the stream becomes its last result. */
export function formatStream(
  results: AsyncIterable<ExecutionResult>,
  format: (result: ExecutionResult) => ExecutionResult,
  formatError: (error: unknown) => ExecutionResult,
): Stream<ExecutionResult> {
  const iterator = results[Symbol.asyncIterator]();
  return {
    async next() {
      try {
        const { done, value } = await iterator.next();
        return done ? { done, value: undefined } : { done: false, value: format(value) };
      } catch (error) {
        return { done: false, value: formatError(error) };
      }
    },
    async return() {
      await iterator.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
