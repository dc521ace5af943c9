import type { ClientPresence } from "../../client-presence.ts";
import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import type { ConnectionPools } from "./connection-pools.ts";
import type { UpstreamRequest, UpstreamScope } from "./types.ts";

/** Cancels what a call is waiting for. */
type Cancel = (ending: Error) => void;

/**
 * The time of one call. It ends with a `TimeoutError` when the call has taken too long, and for a read also with an
 * `AbortError` when the client leaves. A write continues without its client.
 */
export class CallTime {
  /** End of the call on the clock of `performance.now()`, in milliseconds. */
  readonly expiresAt: number;
  readonly #timer: NodeJS.Timeout;
  /** Null for a call that continues without its client. */
  readonly #client: ClientPresence | null;
  #ending: Error | null = null;
  #cancel: Cancel | null = null;

  constructor(timeoutMs: number, client: ClientPresence | null) {
    this.expiresAt = performance.now() + timeoutMs;
    this.#timer = setTimeout(this.#end, timeoutMs, "TimeoutError");
    this.#client = client;
    client?.onLeave(this.#end);
  }

  readonly #end = (name = "AbortError"): void => {
    if (this.#ending !== null) return;
    this.#ending = new DOMException("", name);
    this.#cancel?.(this.#ending);
  };

  /** Why the call must end. Null before that. */
  get ending(): Error | null {
    return this.#ending;
  }

  /** Set the function that cancels the present wait. It replaces the one before. */
  onEnd(cancel: Cancel): void {
    this.#cancel = cancel;
  }

  /** Stop the timer and forget the client. */
  release(): void {
    this.#cancel = null;
    clearTimeout(this.#timer);
    this.#client?.forget(this.#end);
  }
}

/**
 * Start the time of one call, which also ends with the GraphQL request if it is a read.
 *
 * @throws {GatewayError} `CANCELLED` when the GraphQL request has already ended
 */
export function startCallTime(
  { readTimeoutMs, writeTimeoutMs }: ConnectionPools,
  { deadline, client }: UpstreamScope,
  { effect }: UpstreamRequest,
): CallTime {
  const remainingMs = deadline - performance.now();
  if (client.hasLeft || remainingMs <= 0) {
    throw new GatewayError("CANCELLED", errorMessages.endedBeforeSending);
  }
  return effect === "write"
    ? new CallTime(writeTimeoutMs, null)
    : new CallTime(Math.min(readTimeoutMs, remainingMs), client);
}
