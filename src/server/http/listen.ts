import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { httpLimits } from "../../limits.ts";
import type { Readiness, UpgradeListener } from "../types.ts";
import { drainServer } from "./drain.ts";
import { hasValidAddress, rejectAddress } from "./request-address.ts";
import { trackRequests } from "./track-requests.ts";

/** A listening HTTP server. */
export type HttpServer = {
  readonly url: string;
  /** Report that the server is not ready, and ask clients to disconnect. It still accepts requests. */
  announceStop(): void;
  /**
   * Finish running requests and close the server. Connections that are still open after `timeoutMs`
   * milliseconds are closed; 0 closes everything immediately.
   *
   * @returns whether every request ended in time.
   */
  drain(timeoutMs: number): Promise<boolean>;
};

/** Options of {@link listen}. Port 0 selects a free port. */
export type ListenOptions = {
  readonly port: number;
  readonly host: string;
  readonly readiness: Readiness;
  readonly limits?: typeof httpLimits;
  /** Handles WebSocket upgrades. */
  readonly upgrade?: UpgradeListener;
  /** Called when draining starts, to end open streams. */
  readonly onDrain?: () => void;
};

function formatUrl(address: AddressInfo): string {
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

/** Serve `listener` over HTTP. @throws when the port or address is not available. */
export async function listen(
  listener: RequestListener,
  { port, host, readiness, limits = httpLimits, upgrade, onDrain }: ListenOptions,
): Promise<HttpServer> {
  const { idleTimeout, maxHeadersCount, ...options } = limits;
  const server = createServer({ ...options, keepAlive: true }, (request, response) => {
    if (readiness.stopping) response.setHeader("connection", "close");
    if (hasValidAddress(request)) listener(request, response);
    else rejectAddress(response);
  });
  const requests = trackRequests(server);
  server.setTimeout(idleTimeout);
  server.maxHeadersCount = maxHeadersCount;
  if (upgrade !== undefined) {
    server.on("upgrade", (request, socket, head) => {
      requests.release(request.socket);
      // The listener may not have its code yet, and sets its own handler later.
      socket.on("error", () => socket.destroy());
      void upgrade(request, socket, head);
    });
  }
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("The server listens on no port.");
  const announceStop = () => {
    readiness.stopping = true;
  };
  return {
    url: formatUrl(address),
    announceStop,
    drain(timeoutMs) {
      announceStop();
      onDrain?.();
      return drainServer(server, requests, timeoutMs);
    },
  };
}
