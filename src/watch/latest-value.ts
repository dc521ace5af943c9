/** Stream for one reader. It can be ended at any time. */
export type Stream<T> = {
  next(): Promise<IteratorResult<T, undefined>>;
  return(): Promise<IteratorReturnResult<undefined>>;
  [Symbol.asyncIterator](): Stream<T>;
};

/** Stream that buffers one value. A slow reader misses intermediate values, but never the last one. */
export type LatestValue<T> = Stream<T> & {
  /** Replace the value that the reader has not read yet. */
  push(value: T): void;
  /** End the stream after the reader has read the last value. */
  end(): void;
  /** End the stream with an error after the reader has read the last value. */
  fail(error: unknown): void;
};

type Reader<T> = {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
};

const DONE = { done: true, value: undefined } as const;

/**
 * Create a {@link LatestValue}. Unlike an async generator, it can be ended while the reader waits for a value.
 *
 * @param onLeave - called once, when the reader ends the stream or has read everything
 */
export function createLatestValue<T>(onLeave: () => void): LatestValue<T> {
  let pending: { readonly value: T } | null = null;
  let ending: { readonly error?: unknown } | null = null;
  let left = false;
  let readers: Reader<T>[] = [];

  const leave = () => {
    if (left) return;
    left = true;
    onLeave();
  };
  const finish = (end: { readonly error?: unknown }) => {
    if (ending !== null) return;
    ending = end;
    const [first, ...others] = readers;
    readers = [];
    if (first === undefined) return;
    leave();
    if ("error" in end) first.reject(end.error);
    else first.resolve(DONE);
    for (const reader of others) reader.resolve(DONE);
  };

  return {
    push(value) {
      if (ending !== null) return;
      const reader = readers.shift();
      if (reader === undefined) pending = { value };
      else reader.resolve({ done: false, value });
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    next() {
      if (pending !== null) {
        const { value } = pending;
        pending = null;
        return Promise.resolve({ done: false, value });
      }
      if (ending !== null) {
        const { error } = ending;
        const failed = "error" in ending && !left;
        leave();
        return failed ? Promise.reject(error) : Promise.resolve(DONE);
      }
      return new Promise((resolve, reject) => readers.push({ resolve, reject }));
    },
    return() {
      pending = null;
      finish({});
      leave();
      return Promise.resolve(DONE);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
