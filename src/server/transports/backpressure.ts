import type { ExecutionResult } from "graphql";

/** Lets readers continue while it is open. */
export type Gate = { open(): void; close(): void; wait(): Promise<void> };

/** Create a closed gate. */
export function createGate(): Gate {
  let opening = Promise.withResolvers<void>();
  let isOpen = false;
  return {
    open() {
      isOpen = true;
      opening.resolve();
    },
    close() {
      if (isOpen) opening = Promise.withResolvers<void>();
      isOpen = false;
    },
    wait: () => opening.promise,
  };
}

async function* repeatOnce(result: ExecutionResult): AsyncGenerator<ExecutionResult> {
  yield result;
}

/**
 * Apply backpressure: request results only while the gate is open. A slow client does not receive the results
 * in between.
 */
export function gateResults(
  results: ExecutionResult | AsyncIterable<ExecutionResult>,
  gate: Gate,
  onEnd: () => void,
): AsyncGenerator<ExecutionResult, undefined> {
  const source = Symbol.asyncIterator in results ? results : repeatOnce(results);
  const iterator = source[Symbol.asyncIterator]();
  const end = () => {
    onEnd();
    return { done: true, value: undefined } as const;
  };
  return {
    async next() {
      await gate.wait();
      const result = await iterator.next();
      return result.done ? end() : result;
    },
    async return() {
      await iterator.return?.();
      return end();
    },
    async throw(error) {
      await iterator.return?.();
      end();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await iterator.return?.();
      end();
    },
  };
}
