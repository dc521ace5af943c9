import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";

/** The running requests of a server, by connection. */
export type TrackedRequests = {
  /** Close each connection that has no complete request waiting for its answer. */
  cutUnfinished(): void;
  /** Stop tracking a connection that no longer carries HTTP. */
  release(socket: Socket): void;
};

/**
 * Track the requests of each connection of a server. A connection has few, so they are in a list: a set that always
 * changes leaves a chain of old tables behind, which holds finished requests until the next full garbage collection.
 */
export function trackRequests(server: Server): TrackedRequests {
  const open = new Map<Socket, IncomingMessage[]>();
  server.on("connection", (socket) => {
    open.set(socket, []);
    socket.once("close", () => open.delete(socket));
  });
  server.on("request", (request, response) => {
    const pending = open.get(request.socket);
    if (pending === undefined) return;
    pending.push(request);
    response.once("close", () => pending.splice(pending.indexOf(request), 1));
  });
  return {
    release: (socket) => void open.delete(socket),
    cutUnfinished() {
      for (const [socket, pending] of open) {
        if (!pending.some((request) => request.complete)) socket.destroy();
      }
    },
  };
}
