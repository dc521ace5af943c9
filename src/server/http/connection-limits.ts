import type { ServerOptions } from "node:http";

/**
 * What one connection may take. Node's own defaults leave the headers a minute, the body five, and an idle
 * client for ever.
 */
export type HttpLimits = Required<
  Pick<
    ServerOptions,
    | "headersTimeout"
    | "requestTimeout"
    | "keepAliveTimeout"
    | "connectionsCheckingInterval"
    | "maxHeaderSize"
    | "keepAliveInitialDelay"
  >
> & {
  /** How long a connection may carry nothing, in either direction, before it is cut. */
  readonly idleTimeout: number;
  readonly maxHeadersCount: number;
};

/** The limits of a gateway. Times are in milliseconds, sizes in bytes. */
export const httpLimits: HttpLimits = {
  /** A client that writes its headers drop by drop. */
  headersTimeout: 10_000,
  /** The same with its body: 1 MiB takes this long at 35 kB/s. */
  requestTimeout: 30_000,
  /** Longer than the 60 s of common load balancers, which otherwise meet a connection as it closes. */
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
  maxHeadersCount: 100,
  /** Asks a silent peer whether it is still there, so that a half-open connection is found. */
  keepAliveInitialDelay: 30_000,
  /** Longer than the longest answer is awaited; streams send a sign of life more often. */
  idleTimeout: 300_000,
};
