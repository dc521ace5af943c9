import type { ExecutionResult } from "graphql";
import { isAsyncIterable, type Plugin } from "graphql-yoga";
import type { Context } from "../../context.ts";
import type { Stream } from "../../watch/latest-value.ts";

/** Skip a result that is equal to the one before. Results with errors are always sent. */
function dropRepeats(results: AsyncIterable<ExecutionResult>): Stream<ExecutionResult> {
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

/** Skip equal results of subscriptions, because a state can change in a field that the client did not select. */
export function useDistinctResults(): Plugin<Context> {
  return {
    onSubscribe: () => ({
      onSubscribeResult({ result, setResult }) {
        if (isAsyncIterable<ExecutionResult>(result)) setResult(dropRepeats(result));
      },
    }),
  };
}
