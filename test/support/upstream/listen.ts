import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer, type Server, type Socket } from "node:net";

/** A server on a free port of 127.0.0.1. */
export type Listening = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  /** Close the port and every open connection. */
  stop(): Promise<void>;
};

/** Listen on a free port of 127.0.0.1 with an HTTP server or a bare socket server. */
export async function listen(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("The server has no port.");
  const stop = async () => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Serve an HTTP listener, for example the gateway's own `app`, on a free port. */
export function serve(listener: RequestListener): Promise<Listening> {
  return listen(createHttpServer(listener));
}

/** Return a port of 127.0.0.1 that was free a moment ago, for a program that cannot choose one. */
export async function findFreePort(): Promise<number> {
  const server = await listen(createServer());
  await server.stop();
  return server.port;
}
