import { once } from "node:events";
import { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { createApp } from "./app.ts";
import { connectChain } from "./chain/rpc-chain.ts";
import { startClock } from "./clock.ts";
import { BASE_PATH } from "./http/record-request.ts";
import { createWorld } from "./world.ts";

/** How a sandbox is started. */
export type SandboxOptions = {
  /** 0 or nothing takes a free port. */
  readonly port?: number;
  /** How many times faster than real time its clock runs, 1 by default; 0 moves by `/__sandbox/advance` alone. */
  readonly timeScale?: number;
  /** The JSON-RPC endpoint of an EVM node, asked for app contracts and transactions instead of the own ledgers. */
  readonly chainRpcUrl?: string | undefined;
};

/** A running sandbox. */
export type Sandbox = AsyncDisposable & {
  /** The base URL of its REST API. */
  readonly url: string;
  /** Where its control endpoints begin. */
  readonly origin: string;
  readonly port: number;
  /** Stops listening and cuts what is still open. */
  close(): Promise<void>;
};

/** Only this machine can reach it: keys are for show, and anybody may move its clock. */
const HOST = "127.0.0.1";

/**
 * Starts a sandbox.
 *
 * @throws Error `EADDRINUSE` when the port is taken; {@link ChainError} when the node of `chainRpcUrl` does
 *   not answer
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const clock = startClock(options.timeScale ?? 1);
  const { chainRpcUrl } = options;
  const world = createWorld(clock, chainRpcUrl === undefined ? null : await connectChain(chainRpcUrl));
  const server = createAdaptorServer({ fetch: createApp(world).fetch, overrideGlobalObjects: false });
  server.listen(options.port ?? 0, HOST);
  await once(server, "listening");
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
