import { useCallback, useSyncExternalStore } from "react";

/** Values by key outside of React, so that they outlive the pages that show them. */
export type KeyedStore<Value> = {
  get(key: string): Value | null;
  set(key: string, value: Value | null): void;
  subscribe(listener: () => void): () => void;
};

/** Create an empty store. */
export function createKeyedStore<Value>(): KeyedStore<Value> {
  const values = new Map<string, Value>();
  const listeners = new Set<() => void>();
  return {
    get: (key) => values.get(key) ?? null,
    set(key, value) {
      if (value === null) values.delete(key);
      else values.set(key, value);
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Return the value of a key, and render again when it changes. */
export function useKeyed<Value>(store: KeyedStore<Value>, key: string): Value | null {
  const read = useCallback(() => store.get(key), [store, key]);
  return useSyncExternalStore(store.subscribe, read);
}
