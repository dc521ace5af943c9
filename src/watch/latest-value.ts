/** A stream for one reader, which can be left at any time. */
export type Stream<T> = {
  next(): Promise<IteratorResult<T, undefined>>;
  return(): Promise<IteratorReturnResult<undefined>>;
  [Symbol.asyncIterator](): Stream<T>;
};

/** A stream for one reader that holds one value: a slow reader loses those in between, never the last. */
export type LatestValue<T> = Stream<T> & {
  /** Replaces the value that the reader has not taken yet. */
  push(value: T): void;
  /** Ends the stream once the reader has taken the last value. */
  end(): void;
  /** Ends the stream with an error once the reader has taken the last value. */
  fail(error: unknown): void;
};

type Reader<T> = {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
};

const DONE = { done: true, value: undefined } as const;

/**
 * Makes a {@link LatestValue}. Unlike an async generator it can be left while a value is awaited.
 *
 * @param onLeave is called once, when the reader leaves or has taken everything.
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
