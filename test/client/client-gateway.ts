import { setInterval as every } from "node:timers/promises";
import { createCvmClient } from "../../packages/client/src/index.ts";
import { startSandbox } from "../../sandbox/server.ts";
import { createGateway, type JournalEntry } from "../support/gateway.ts";
import { startRuleProxy } from "../support/upstream/proxy.ts";
import { startFlakyNetwork } from "./flaky-network.ts";

const KEY = "sandbox-test";

/** Limits that are short enough for a test. */
export const QUICK = { settleMs: 400 };

/** Start a gateway on a port, in front of an upstream. */
async function listen(upstreamUrl: string) {
  const gateway = createGateway(upstreamUrl, {
    environment: { WATCH_INTERVAL_MS: "20", STREAM_HEARTBEAT_MS: "200" },
  });
  const server = await gateway.listen();
  return {
    port: Number(new URL(server.url).port),
    countStreams: () => gateway.watches.count(),
    async stop() {
      await server.drain(200);
      await gateway.close();
    },
  };
}

/**
 * A client of `@cvm-gateway/client`, a network that fails on demand, a gateway, a rule that changes the answers of
 * the REST API, and a sandbox whose clock runs 25 times as fast.
 */
export async function startClientGateway(chainRpcUrl?: string) {
  const sandbox = await startSandbox({ timeScale: 0, chainRpcUrl });
  const { proxy, ...upstream } = await startRuleProxy(sandbox.url);
  let gateway = await listen(upstream.url);
  const network = await startFlakyNetwork(gateway.port);
  const control = (method: string, path: string, body?: unknown) =>
    fetch(`${sandbox.origin}/__sandbox/${path}`, {
      method,
      headers: { "x-api-key": KEY, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const clock = new AbortController();
  const running = (async () => {
    try {
      for await (const _ of every(20, null, { signal: clock.signal }))
        await control("POST", "advance", { ms: 500 });
    } catch {
      // The test is over.
    }
  })();
  const client = createCvmClient({ url: network.url, headers: { "x-api-key": KEY } });
  return {
    client,
    network,
    proxy,
    sandbox,
    control,
    /** The streams that are open at the gateway. */
    countStreams: () => gateway.countStreams(),
    /** The changes that reached the REST API, with their status. */
    async listWrites(): Promise<string[]> {
      const entries: JournalEntry[] = await (await control("GET", "journal")).json();
      const writes = entries.filter(({ method }) => method === "PATCH");
      return writes.map(({ method, status }) => `${method} ${status}`);
    },
    /** Replace the gateway by a new process: it has no memory of idempotency keys. */
    async restart() {
      network.isOffline = true;
      network.cut();
      await gateway.stop();
      gateway = await listen(upstream.url);
      network.port = gateway.port;
      network.isOffline = false;
    },
    /** Send a transaction as the app's owner, on the chain of the sandbox. */
    async signOnSandbox(transaction: object): Promise<string> {
      const request = { jsonrpc: "2.0", id: 1, method: "eth_sendTransaction", params: [transaction] };
      const { result } = await (await control("POST", "rpc", request)).json();
      return result;
    },
    /** Start an operation as another client would. */
    async change(id: string, body: object): Promise<void> {
      await fetch(`${sandbox.url}/cvms/${id}`, {
        method: "PATCH",
        headers: { "x-api-key": KEY, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    },
    async [Symbol.asyncDispose]() {
      clock.abort();
      await running;
      await network[Symbol.asyncDispose]();
      await gateway.stop();
      await upstream[Symbol.asyncDispose]();
      await sandbox.close();
    },
  };
}
