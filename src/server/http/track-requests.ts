import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";

/** What a server's connections are at. */
export type TrackedRequests = {
  /** Cuts the connections that carry no whole request whose answer is still to come. */
  cutUnfinished(): void;
  /** Leaves a connection alone from now on, which speaks something else than HTTP. */
  release(socket: Socket): void;
};

/** Follows the requests of each connection. */
export function trackRequests(server: Server): TrackedRequests {
  const open = new Map<Socket, Set<IncomingMessage>>();
  server.on("connection", (socket) => {
    open.set(socket, new Set());
    socket.once("close", () => open.delete(socket));
  });
  server.on("request", (request, response) => {
    const pending = open.get(request.socket);
    pending?.add(request);
    response.once("close", () => pending?.delete(request));
  });
  return {
    release: (socket) => void open.delete(socket),
    cutUnfinished() {
      for (const [socket, pending] of open) {
        if (![...pending].some((request) => request.complete)) socket.destroy();
      }
    },
  };
}
