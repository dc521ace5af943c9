import { isIP } from "node:net";
import { buildConnector, type Dispatcher, EnvHttpProxyAgent, errors, Pool } from "undici";

/** The proxies of outgoing connections, and the hosts that are reached without them. */
export type ProxySettings = {
  readonly httpProxy: string | null;
  readonly httpsProxy: string | null;
  readonly noProxy: string;
};

/** How an agent of {@link Egress} connects. */
type ConnectOptions = {
  /** Time limit of the connection to the proxy, its answer and the TLS handshake together. In milliseconds. */
  readonly timeoutMs: number;
  /** Called with every failure before there is a connection to the server itself. */
  readonly onFailure?: (error: Error) => void;
};

/** Outgoing connections through the configured proxies. */
export type Egress = {
  /** Open an agent for any origin. It has a pool with these options for each origin. */
  openAgent(options: Omit<Pool.Options, "connect" | "factory">, connect: ConnectOptions): Dispatcher;
  /** The same proxies, as the agents of `node:http` and `node:https` accept them. */
  readonly proxyEnv: { readonly HTTP_PROXY: string; readonly HTTPS_PROXY: string; readonly NO_PROXY: string };
};

/** Thrown when a proxy answers CONNECT with another status than 200. */
class ProxyRefusedError extends Error {
  override readonly name = "ProxyRefusedError";
  readonly code: string;

  constructor(cause: Error) {
    super("The proxy refused the connection.", { cause });
    this.code = `HTTP_${/\((\d{3})\)/.exec(cause.message)?.[1] ?? "unknown"}`;
  }
}

/** Name the refusal of a proxy. undici reports it as an abort, as if the client had disconnected. */
function toConnectError(error: Error): Error {
  return "code" in error && error.code === "UND_ERR_ABORTED" ? new ProxyRefusedError(error) : error;
}

function isConnector(value: unknown): value is buildConnector.connector {
  return typeof value === "function";
}

/** Limit the time of a connector, and report every failure. */
function limitConnector(
  connect: buildConnector.connector,
  { timeoutMs, onFailure }: ConnectOptions,
): buildConnector.connector {
  return (options, callback) => {
    let pending = true;
    const fail = (error: Error) => {
      pending = false;
      onFailure?.(error);
      callback(error, null);
    };
    const timer = setTimeout(() => fail(new errors.ConnectTimeoutError()), timeoutMs);
    connect(options, (...[failure, socket]) => {
      clearTimeout(timer);
      if (!pending) socket?.on("error", () => undefined).destroy();
      else if (failure !== null) fail(toConnectError(failure));
      else callback(null, socket);
    });
  };
}

/** Connect without a server name to a proxy at an IP address: TLS does not allow an address as a name. */
function connectByName(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) =>
    connect(isIP(options.hostname) === 0 ? options : { ...options, servername: "" }, callback);
}

/**
 * Create the outgoing connections through proxies. Every connection is a tunnel (CONNECT), also to an `http://` URL:
 * otherwise an answer of the proxy would look like an answer of the server.
 */
export function createEgress({ httpProxy, httpsProxy, noProxy }: ProxySettings): Egress {
  const proxies = { httpProxy: httpProxy ?? "", httpsProxy: httpsProxy ?? httpProxy ?? "", noProxy };
  return {
    openAgent(options, limits) {
      const tls = { allowH2: false, timeout: limits.timeoutMs };
      const direct = buildConnector(tls);
      return new EnvHttpProxyAgent({
        ...proxies,
        proxyTunnel: true,
        requestTls: tls,
        // The connections to the proxy itself.
        clientFactory: (origin) =>
          new Pool(origin, {
            allowH2: false,
            headersTimeout: limits.timeoutMs,
            connect: connectByName(direct),
          }),
        // The connections to the servers. Without a connector, the server needs no proxy.
        factory(origin, connection) {
          const connect =
            "connect" in connection && isConnector(connection.connect) ? connection.connect : direct;
          return new Pool(origin, {
            ...options,
            allowH2: false,
            connect: limitConnector(connect, limits),
          });
        },
      });
    },
    proxyEnv: {
      HTTP_PROXY: proxies.httpProxy,
      HTTPS_PROXY: proxies.httpsProxy,
      NO_PROXY: noProxy,
    },
  };
}
