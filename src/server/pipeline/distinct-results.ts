import type { ExecutionResult } from "graphql";
import type { Stream } from "../../watch/latest-value.ts";

/**
 * Skip a result of a subscription that is equal to the one before, because a state can change in a field that the
 * client did not select. Results with errors are always sent.
 */
export function dropRepeats(results: AsyncIterable<ExecutionResult>): Stream<ExecutionResult> {
  const iterator = results[Symbol.asyncIterator]();
  let before: string | undefined;
  return {
    async next() {
      for (;;) {
        const { done, value } = await iterator.next();
        if (done) return { done, value: undefined };
        const text = value.errors === undefined ? JSON.stringify(value.data) : undefined;
        if (text === undefined || text !== before) {
          before = text;
          return { done: false, value };
        }
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
