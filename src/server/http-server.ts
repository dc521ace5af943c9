import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Readiness } from "./health.ts";
import { type HttpLimits, httpLimits } from "./http-limits.ts";
import type { UpgradeListener } from "./web-socket.ts";

/**
 * How long the door stays open after the end began, in milliseconds. Closing cuts every connection that Node
 * takes for idle, and one whose next request has arrived but is not read yet looks idle: under load that is
 * as long as the event loop lags. Answers of this time already ask the client to leave.
 */
const LAST_REQUESTS_MS = 300;

/** A listening gateway. */
export type HttpServer = {
  readonly url: string;
  /**
   * Answers what has arrived, then takes no new connection or request, waits for running ones, and closes
   * what is still open after `timeoutMs`; 0 closes at once.
   *
   * @returns whether all of them ended by themselves.
   */
  drain(timeoutMs: number): Promise<boolean>;
};

/** What {@link listen} takes. Port 0 takes a free one. */
export type ListenOptions = {
  readonly port: number;
  readonly host: string;
  readonly readiness: Readiness;
  readonly limits?: HttpLimits;
  /** Takes connections that are to become WebSockets. */
  readonly upgrade?: UpgradeListener;
  /** Ends what would never end by itself. */
  readonly onDrain?: () => void;
};

function formatUrl(address: AddressInfo): string {
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

/** Serves the application over HTTP. Rejects when the address cannot be had. */
export async function listen(
  listener: RequestListener,
  { port, host, readiness, limits = httpLimits, upgrade, onDrain }: ListenOptions,
): Promise<HttpServer> {
  const { idleTimeout, maxHeadersCount, ...options } = limits;
  const server = createServer({ ...options, keepAlive: true }, (request, response) => {
    if (readiness.draining) response.setHeader("connection", "close");
    listener(request, response);
  });
  server.setTimeout(idleTimeout);
  server.maxHeadersCount = maxHeadersCount;
  if (upgrade !== undefined) server.on("upgrade", upgrade);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("The server listens on no port.");
  return {
    url: formatUrl(address),
    async drain(timeoutMs) {
      readiness.draining = true;
      onDrain?.();
      let graceful = true;
      const timer = setTimeout(() => {
        graceful = false;
        server.closeAllConnections();
      }, timeoutMs);
      if (timeoutMs > 0) await sleep(Math.min(timeoutMs, LAST_REQUESTS_MS));
      const idle = setInterval(() => server.closeIdleConnections(), 100);
      await new Promise((resolve) => server.close(resolve));
      clearTimeout(timer);
      clearInterval(idle);
      return graceful;
    },
  };
}
