/**
 * The Redis that several gateways share: one server, a server that sentinels watch, or a cluster. Every command is
 * rejected after two seconds at the latest. It can still run later: a caller that cannot accept that undoes it.
 */
export type SharedRedis = {
  /** Whether keys are spread over several masters. Keys of one command must then have the same hash tag. */
  readonly isCluster: boolean;
  /** Set a value that expires. */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** Set a value that expires, if the key has none. @returns the value before; null if there was none */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<string | null>;
  get(key: string): Promise<string | null>;
  /** Return the time until a key expires, in milliseconds. Negative without a key or without such a time. */
  pttl(key: string): Promise<number>;
  /** Run a script of Lua on the master that has the keys. */
  eval(script: string, keys: readonly string[], values: readonly (string | number)[]): Promise<unknown>;
  /** Return the section `server` of INFO, of each master. */
  listServerInfo(): Promise<string[]>;
  /** Call a function after each connection, also the first one. */
  onReady(listener: () => void): void;
  close(): void;
};
