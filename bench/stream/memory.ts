import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { startSandbox } from "../../sandbox/server.ts";
import { loadConfig } from "../../src/config.ts";
import { createLogger } from "../../src/logger.ts";
import { createGateway } from "../../src/server/gateway.ts";

/*
 * Measure the memory of one idle subscriber in the gateway, and how often the gateway polls the REST API for
 * all of them. Arguments: the number of subscribers, and a transport to measure only that one.
 */

const VIEWERS = Number(process.argv[2] ?? 1_000);
const TRANSPORTS = [
  ["bare node:http response, held open", "bare"],
  ["SSE, distinct connections", "text/event-stream"],
  ["multipart HTTP", "multipart/mixed;boundary=graphql;subscriptionSpec=1.0"],
  ["WebSocket, one connection each", "ws"],
] as const;

setFlagsFromString("--expose-gc");
const collect: unknown = runInNewContext("gc");

/** Memory of this process after garbage collection, in bytes. `heap` includes external memory. */
async function measure(): Promise<{ heap: number; rss: number }> {
  for (let round = 0; round < 4; round += 1) {
    if (typeof collect === "function") collect();
    await sleep(100);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}

/** Start a gateway with an embedded sandbox and without limits on the number of streams. */
async function startGateway() {
  const sandbox = await startSandbox({ timeScale: 1 });
  const config = loadConfig({
    UPSTREAM_URL: sandbox.url,
    MAX_STREAMS_PER_CALLER: "1000000",
    MAX_STREAMS: "1000000",
    MAX_SOCKETS_PER_ADDRESS: "0",
  });
  const gateway = createGateway(config, {
    upstreamUrl: sandbox.url,
    log: createLogger("silent"),
    exampleKey: null,
    documents: null,
    metrics: null,
    egress: null,
  });
  const server = await gateway.listen(0, "127.0.0.1");
  const countPolls = async (): Promise<number> => {
    const journal: { path: string }[] = await (await fetch(`${sandbox.origin}/__sandbox/journal`)).json();
    return journal.filter(({ path }) => path === "/status/batch").length;
  };
  return {
    url: `${server.url}/graphql`,
    countPolls,
    async [Symbol.asyncDispose]() {
      await server.drain(2_000);
      await gateway.close();
      await sandbox.close();
    },
  };
}

/** Start a server that only holds responses open: the lower bound for every transport. */
async function startBareServer() {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write('data: "RUNNING"\n\n');
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    countPolls: async () => 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Open subscribers in a process of their own, so that their memory does not count. */
async function openViewers(url: string, transport: string, count: number) {
  const script = fileURLToPath(new URL("viewers.ts", import.meta.url));
  const child = spawn(process.execPath, [script, url, transport, String(count)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

/** Kilobytes per subscriber, padded for the table. */
const kilobytes = (bytes: number) => (bytes / VIEWERS / 1024).toFixed(1).padStart(7);

async function measureTransport(name: string, transport: string): Promise<void> {
  await using gateway = await (transport === "bare" ? startBareServer() : startGateway());
  const accept = transport === "bare" ? "text/event-stream" : transport;
  const warm = await openViewers(gateway.url, accept, 100);
  warm.kill();
  await once(warm, "exit");
  const before = await measure();
  const viewers = await openViewers(gateway.url, accept, VIEWERS);
  const after = await measure();
  const pollsBefore = await gateway.countPolls();
  await sleep(10_000);
  const polls = (await gateway.countPolls()) - pollsBefore;
  console.log(
    `${name.padEnd(36)} ${kilobytes(after.heap - before.heap)} ${kilobytes(after.rss - before.rss)} ${String(polls).padStart(8)}`,
  );
  viewers.kill();
  await once(viewers, "exit");
}

const only = process.argv[3];
if (only === undefined) {
  console.log(`${VIEWERS} idle subscribers on 12 CVMs with one key; kB per subscriber\n`);
  console.log("transport                               heap     rss   polls in 10 s");
  // Measure each transport in a new process, because a process does not return memory to the system.
  for (const [, transport] of TRANSPORTS) {
    const script = fileURLToPath(import.meta.url);
    const child = spawn(process.execPath, [script, String(VIEWERS), transport], { stdio: "inherit" });
    await once(child, "exit");
  }
} else {
  const [name] = TRANSPORTS.find(([, transport]) => transport === only) ?? [only];
  await measureTransport(name, only);
}
process.exit();
