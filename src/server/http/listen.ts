import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { formatRefusal } from "../errors/error-body.ts";
import type { UpgradeListener } from "../transports/web-socket.ts";
import { type HttpLimits, httpLimits } from "./connection-limits.ts";
import type { Readiness } from "./readiness.ts";
import { trackRequests } from "./track-requests.ts";

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

/** How long a client may take to end its request once the gateway drains, milliseconds. */
const UNFINISHED_GRACE_MS = 1_000;

/**
 * Says whether target and `Host` make an address. Where they make none, the adapter beneath Yoga fails
 * outside of the one way out for errors, and answers with a stack trace.
 */
function hasAddress({ url = "", headers: { host = "" } }: IncomingMessage): boolean {
  return (
    url.startsWith("/") && !/[\s/?#@\\]/.test(host) && URL.canParse(`http://${host || "localhost"}${url}`)
  );
}

function refuseAddress(response: ServerResponse): void {
  const requestId = randomUUID();
  const body = formatRefusal("The target or the Host header of the request is malformed.", requestId);
  response
    .writeHead(400, {
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      "content-length": Buffer.byteLength(body),
      connection: "close",
      "x-content-type-options": "nosniff",
      "x-request-id": requestId,
    })
    .end(body);
}

/** Serves the application over HTTP. Rejects when the address cannot be had. */
export async function listen(
  listener: RequestListener,
  { port, host, readiness, limits = httpLimits, upgrade, onDrain }: ListenOptions,
): Promise<HttpServer> {
  const { idleTimeout, maxHeadersCount, ...options } = limits;
  const server = createServer({ ...options, keepAlive: true }, (request, response) => {
    if (readiness.draining) response.setHeader("connection", "close");
    if (hasAddress(request)) listener(request, response);
    else refuseAddress(response);
  });
  const requests = trackRequests(server);
  server.setTimeout(idleTimeout);
  server.maxHeadersCount = maxHeadersCount;
  if (upgrade !== undefined) {
    server.on("upgrade", (request, socket, head) => {
      requests.release(request.socket);
      upgrade(request, socket, head);
    });
  }
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
      const graceEnds = performance.now() + UNFINISHED_GRACE_MS;
      const idle = setInterval(() => {
        server.closeIdleConnections();
        // Closed, Node's server no longer looks after requests that never end. None of these has begun to run.
        if (performance.now() >= graceEnds) requests.cutUnfinished();
      }, 100);
      await new Promise((resolve) => server.close(resolve));
      clearTimeout(timer);
      clearInterval(idle);
      return graceful;
    },
  };
}
