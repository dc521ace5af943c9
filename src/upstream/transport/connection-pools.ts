import { Agent, buildConnector, type Dispatcher } from "undici";
import { MAX_REPLY_BYTES } from "../../limits.ts";
import { markNeverSent } from "../errors/connection-failure.ts";
import { type Breaker, createBreaker } from "./breaker.ts";
import type { CircuitStateName } from "./circuit.ts";

const CONNECT_TIMEOUT_MS = 5_000;

/** The REST API as one gateway process sees it: where it is, its connections, and how long a call may take. */
export type ConnectionPools = {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly reads: Dispatcher;
  readonly writes: Dispatcher;
  readonly readTimeoutMs: number;
  readonly writeTimeoutMs: number;
  readonly breaker: Breaker;
  readonly observer: UpstreamObserver;
  close(): Promise<void>;
};

/** Hears of every call. `status` is null where no answer came. */
export type UpstreamObserver = {
  onCall?(call: { method: string; endpoint: string; status: number | null; durationMs: number }): void;
  onRetry?(call: { method: string; endpoint: string }): void;
  onBreaker?(state: CircuitStateName): void;
};

/** What {@link createConnectionPools} takes. Times are in milliseconds. */
export type ConnectionPoolsOptions = Pick<ConnectionPools, "baseUrl" | "readTimeoutMs" | "writeTimeoutMs"> & {
  /** How long the breaker stays open before it lets a call through. */
  readonly breakerOpenMs?: number;
  readonly observer?: UpstreamObserver;
};

/** Connects, and marks every failure to: only here it is certain that nothing was sent. */
function createConnector(): buildConnector.connector {
  const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS, allowH2: false });
  return (options, callback) =>
    connect(options, (...result) => {
      const [error] = result;
      if (error !== null) markNeverSent(error);
      callback(...result);
    });
}

/**
 * Opens the connection pools to the REST API.
 *
 * Writes get connections of their own that are never reused: on a reused one, a close by the server that
 * crosses with the request leaves open whether the write was taken.
 */
export function createConnectionPools({
  breakerOpenMs = 5_000,
  observer = {},
  ...options
}: ConnectionPoolsOptions): ConnectionPools {
  const shared = {
    connect: createConnector(),
    // HTTP/2 would send a stream again that the server refused, and does not cap a reply.
    allowH2: false,
    maxResponseSize: MAX_REPLY_BYTES,
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const reads = new Agent({ ...shared, connections: 128 });
  const writes = new Agent({ ...shared, pipelining: 0 });
  return {
    ...options,
    reads,
    writes,
    observer,
    breaker: createBreaker(breakerOpenMs, (state) => observer.onBreaker?.(state)),
    async close() {
      await Promise.all([reads.close(), writes.close()]);
    },
  };
}
