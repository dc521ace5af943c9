import { once } from "node:events";
import { Server } from "node:http";
import { createAdaptorServer, type ServerType } from "@hono/node-server";
import { createApp } from "./app.ts";
import { connectChain } from "./chain/rpc-chain.ts";
import { startClock } from "./clock.ts";
import { DEFAULT_PORT } from "./default-port.ts";
import { BASE_PATH } from "./http/record-request.ts";
import { createWorld } from "./world.ts";

/** Options of {@link startSandbox}. */
export type SandboxOptions = {
  /** Default 0: any free port. Null: {@link DEFAULT_PORT}, or any free port if it is in use. */
  readonly port?: number | null;
  /** Speed of the clock relative to real time, default 1. With 0 only `/__sandbox/advance` moves it. */
  readonly timeScale?: number;
  /** JSON-RPC endpoint of an EVM node, used for app contracts and transactions instead of the built-in chains. */
  readonly chainRpcUrl?: string | undefined;
};

/** A running sandbox. */
export type Sandbox = AsyncDisposable & {
  /** The base URL of its REST API. */
  readonly url: string;
  /** The base URL of its control endpoints, without `/__sandbox`. */
  readonly origin: string;
  readonly port: number;
  /** Stop listening and cut open connections. */
  close(): Promise<void>;
};

/** Reachable from this machine only: any key is accepted, and every client may move the clock. */
const HOST = "127.0.0.1";

/** Listen on a port of this machine. @throws Error `EADDRINUSE` when the port is in use */
async function listenOn(server: ServerType, port: number): Promise<void> {
  server.listen(port, HOST);
  await once(server, "listening");
}

/** Listen on {@link DEFAULT_PORT}, or on any free port if it is in use. */
async function listenOnDefault(server: ServerType): Promise<void> {
  try {
    await listenOn(server, DEFAULT_PORT);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    await listenOn(server, 0);
  }
}

/**
 * Start a sandbox.
 *
 * @throws Error `EADDRINUSE` when the port is in use; {@link ChainError} when the node at `chainRpcUrl` does
 *   not answer
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const clock = startClock(options.timeScale ?? 1);
  const { chainRpcUrl } = options;
  const world = createWorld(clock, chainRpcUrl === undefined ? null : await connectChain(chainRpcUrl));
  const server = createAdaptorServer({ fetch: createApp(world).fetch, overrideGlobalObjects: false });
  if (options.port === null) await listenOnDefault(server);
  else await listenOn(server, options.port ?? 0);
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const origin = `http://${HOST}:${port}`;
  world.origin = origin;

  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= new Promise((resolve) => {
      server.close(() => resolve());
      clock.stop();
      if (server instanceof Server) server.closeAllConnections();
    });
    return closing;
  };
  return { url: `${origin}${BASE_PATH}`, origin, port, close, [Symbol.asyncDispose]: close };
}
