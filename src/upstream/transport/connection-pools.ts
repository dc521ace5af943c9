import { buildConnector, type Dispatcher, Pool } from "undici";
import type { Egress } from "../../egress.ts";
import { MAX_REPLY_BYTES } from "../../limits.ts";
import { type AcceptedCredentials, createAcceptedCredentials } from "../accepted-credentials.ts";
import { markNeverSent } from "../errors/connection-failure.ts";
import { type Breaker, createBreaker } from "./breaker.ts";
import type { CircuitStateName } from "./circuit.ts";

const CONNECT_TIMEOUT_MS = 5_000;

/** Connection pools of one gateway process to the REST API, with its base URL, timeouts and breaker. */
export type ConnectionPools = {
  /** Origin of the base URL, for example `https://cloud-api.phala.com`. */
  readonly origin: string;
  /** Path of the base URL, without a trailing slash. */
  readonly basePath: string;
  /** What a valid credential looks like, where the gateway knows it: with the sandbox. */
  readonly credentialAdvice: string | null;
  readonly reads: Dispatcher;
  readonly writes: Dispatcher;
  readonly readTimeoutMs: number;
  readonly writeTimeoutMs: number;
  readonly breaker: Breaker;
  /** The credentials that the REST API has accepted. */
  readonly accepted: AcceptedCredentials;
  readonly observer: UpstreamObserver;
  close(): Promise<void>;
};

/** Called for every call. `status` is null when no answer arrived. */
export type UpstreamObserver = {
  onCall?(call: { method: string; endpoint: string; status: number | null; durationMs: number }): void;
  onRetry?(call: { method: string; endpoint: string }): void;
  onBreaker?(state: CircuitStateName): void;
};

/** Options of {@link createConnectionPools}. Times are in milliseconds. */
export type ConnectionPoolsOptions = Pick<
  ConnectionPools,
  "credentialAdvice" | "readTimeoutMs" | "writeTimeoutMs"
> & {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** How long the breaker stays open before it lets a trial call through. */
  readonly breakerOpenMs: number;
  /** Null without a proxy. */
  readonly egress: Egress | null;
  readonly observer?: UpstreamObserver;
};

/** Create a connector that marks every failure to connect. Only at this point it is certain that nothing was sent. */
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
 * Open the connection pools to the REST API.
 *
 * Each write gets a new connection. On a reused one, the server can close the connection while the request is
 * on its way, and then nobody knows whether the write was received.
 */
export function createConnectionPools({
  baseUrl,
  breakerOpenMs,
  egress,
  observer = {},
  ...options
}: ConnectionPoolsOptions): ConnectionPools {
  const { origin, pathname } = new URL(baseUrl);
  const shared = {
    // With HTTP/2, undici sends a refused stream again and does not limit the size of a reply.
    allowH2: false,
    maxResponseSize: MAX_REPLY_BYTES,
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const connect = createConnector();
  const open = (own: Pool.Options): Dispatcher =>
    egress?.openAgent({ ...shared, ...own }, { timeoutMs: CONNECT_TIMEOUT_MS, onFailure: markNeverSent }) ??
    new Pool(origin, { ...shared, ...own, connect });
  const reads = open({ connections: 128 });
  const writes = open({ pipelining: 0 });
  return {
    ...options,
    origin,
    basePath: pathname.replace(/\/$/, ""),
    reads,
    writes,
    observer,
    accepted: createAcceptedCredentials(),
    breaker: createBreaker(breakerOpenMs, (state) => observer.onBreaker?.(state)),
    async close() {
      await Promise.all([reads.close(), writes.close()]);
    },
  };
}
