import type { ClientPresence } from "../client-presence.ts";

/** The request that takes a lock. */
export type LockRequest = {
  readonly client: ClientPresence;
  /** End of the request on the clock of `performance.now()`, in milliseconds. */
  readonly deadline: number;
  /** End of the caller's token in milliseconds since 1970. Null for a caller without a token. */
  readonly expiresAt: number | null;
  /**
   * Whether the write has an idempotency key or an expected version. Such a write is sent only while its lock is
   * certainly held. Another one is also sent while Redis cannot be asked.
   */
  readonly isProtected: boolean;
  /** For the log. */
  readonly requestId: string;
};

/** The turn of a write. It holds the lock of its CVM. */
export type Turn = {
  /** Whether it had to wait. What its request read before may then be stale. */
  readonly hasWaited: boolean;
  /** Confirm directly before the write is sent that the lock is held. @throws {GatewayError} `LOCK_UNAVAILABLE` */
  confirm(): Promise<void>;
  /** Assert that the lock is held for long enough to send a request. @throws {GatewayError} `LOCK_UNAVAILABLE` */
  assertHeld(): void;
};

/** Locks of the CVMs that this process, or all gateways on one Redis, write to. */
export type CvmLocks = {
  /** Number of locks that this process holds. */
  readonly size: number;
  /**
   * Run a function while no other function runs under the same name. Within a process, functions run in the order of
   * their calls.
   *
   * @throws {GatewayError} before the function is called: `CANCELLED` when the client leaves or the request ends during
   *   the wait; `UNAUTHENTICATED` when its token expires meanwhile; `LOCK_UNAVAILABLE` for a protected write while Redis does not grant the lock
   */
  run<T>(name: string, request: LockRequest, run: (turn: Turn) => Promise<T>): Promise<T>;
  /** Stop everything that runs in the background. */
  close(): void;
};
