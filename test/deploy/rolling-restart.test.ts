import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient as createSseClient } from "graphql-sse";
import { createClient as createWsClient } from "graphql-ws";
import { Agent, request } from "undici";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { startSandbox } from "../../sandbox/server.ts";
import type { JournalEntry } from "../support/gateway.ts";
import { runNginx } from "../support/parts/nginx.ts";
import { startMain } from "../support/process.ts";
import { startRedis } from "../support/redis/server.ts";
import { WATCH } from "../support/streaming-gateway.ts";
import { findFreePort } from "../support/upstream/listen.ts";

const CONFIG = readFileSync(new URL("../../deploy/nginx/cvm-gateway.conf", import.meta.url), "utf8");
const WRITE = `mutation ($input: ConfigureCvmInput!) {
  configureCvm(input: $input) { ... on InProgress { status } }
}`;
const CLIENTS = 6;
const CHECK_MS = 100;

/** Wait until a condition is true. Four processes share the processor with other tests here, so it can take long. */
const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 30_000, interval: 10 });

/** The shipped configuration, with the servers that are ready. */
function configure(port: number, ready: readonly number[]): string {
  const servers = ready.map((server) => `server 127.0.0.1:${server} max_fails=1 fail_timeout=5s;`).join(" ");
  const text = CONFIG.replace(/server 127\.0\.0\.1:4001[^;]*;\s+server 127\.0\.0\.1:4002[^;]*;/, servers);
  return text.replace("127.0.0.1:8080", `127.0.0.1:${port}`);
}

const isReady = (port: number) =>
  fetch(`http://127.0.0.1:${port}/ready`).then(
    ({ ok }) => ok,
    () => false,
  );

/** An nginx with a health check: it loads the list of gateways again when their `/ready` changes, as an ingress does. */
async function startBalancer(ports: readonly number[]) {
  const port = await findFreePort();
  let ready: readonly number[] = ports;
  let stopped = false;
  const nginx = await runNginx(port, configure(port, ready));
  const checking = (async () => {
    while (!stopped) {
      await sleep(CHECK_MS);
      const states = await Promise.all(ports.map(isReady));
      const found = ports.filter((_port, index) => states[index]);
      if (found.length === 0 || found.join() === ready.join()) continue;
      await nginx.reload(configure(port, found));
      ready = found;
    }
  })();
  return {
    url: `${nginx.url}/graphql`,
    listReady: () => ready,
    async [Symbol.asyncDispose]() {
      stopped = true;
      await checking;
      await nginx[Symbol.asyncDispose]();
    },
  };
}

/** Keep a stream open with a published client, which connects again by itself. */
function follow(kind: "SSE" | "WebSocket", url: string, key: string) {
  const seen: unknown[] = [];
  let failure: unknown = null;
  const sink = {
    next: ({ data }: { readonly data?: unknown }) => void seen.push(data),
    error: (error: unknown) => {
      failure = error;
    },
    complete: () => undefined,
  };
  const payload = { query: WATCH, variables: { id: "web-phala" } };
  const client =
    kind === "SSE"
      ? createSseClient({ url, headers: { "x-api-key": key }, retryAttempts: 10 })
      : createWsClient({
          url: url.replace("http", "ws"),
          webSocketImpl: WebSocket,
          connectionParams: { "X-API-Key": key },
          retryAttempts: 10,
        });
  client.subscribe(payload, sink);
  return { seen, failure: () => failure, leave: () => void client.dispose() };
}

/** Two gateways on one Redis and one sandbox, behind the balancer. */
async function startTwoGateways() {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  const sandbox = stack.use(await startSandbox({ timeScale: 200 }));
  const ports = [await findFreePort(), await findFreePort()];
  const start = (port: number) =>
    startMain({
      PORT: String(port),
      UPSTREAM_URL: sandbox.url,
      REDIS_URL: redis.url,
      SHUTDOWN_DELAY_MS: "1000",
      WATCH_INTERVAL_MS: "100",
    });
  const gateways = new Map(await Promise.all(ports.map(async (port) => [port, await start(port)] as const)));
  stack.defer(async () => {
    for (const gateway of gateways.values()) await gateway[Symbol.asyncDispose]();
  });
  const balancer = stack.use(await startBalancer(ports));
  // A connection for each request: a reload of nginx closes idle ones, which would be a fault of the test.
  const agent = stack.adopt(new Agent({ pipelining: 0 }), (open) => open.close());
  const owned = stack.move();
  return {
    url: balancer.url,
    /** Send an operation. @throws unless it succeeds */
    async ask(key: string, query: string, variables: object = {}): Promise<void> {
      const response = await request(balancer.url, {
        method: "POST",
        dispatcher: agent,
        headers: { "content-type": "application/json", "x-api-key": key },
        body: JSON.stringify({ query, variables }),
      });
      const text = await response.body.text();
      if (response.statusCode !== 200 || text.includes('"errors"')) throw new Error(text);
    },
    /** The operations that each gateway has logged. */
    countOperations: () =>
      [...gateways.values()].map(({ output }) => output().split('"msg":"operation"').length - 1),
    /** Stop and start one gateway after the other. @returns the exit codes */
    async restartInTurn(): Promise<(number | null)[]> {
      const codes: (number | null)[] = [];
      for (const [port, gateway] of gateways) {
        await sleep(500);
        codes.push(await gateway.stop("SIGTERM"));
        gateways.set(port, await start(port));
        await until(() => balancer.listReady().length === ports.length);
      }
      return codes;
    },
    /** The host names of the writes that the REST API accepted. */
    async listAccepted(): Promise<string[]> {
      const journal: JournalEntry[] = await (await fetch(`${sandbox.origin}/__sandbox/journal`)).json();
      return journal
        .filter(({ method, status }) => method === "PATCH" && status !== null && status < 300)
        .map(({ body }) => JSON.parse(body.user_config).hostname);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type Gateways = Awaited<ReturnType<typeof startTwoGateways>>;

/** Write and read in a loop. Every second write has an idempotency key. */
async function runClient(gateways: Gateways, client: number, isRunning: () => boolean) {
  const key = `sandbox-roll-${client}`;
  const written: string[] = [];
  const problems: string[] = [];
  for (let round = 0; isRunning(); round += 1) {
    const hostname = `host-${client}-${round}`;
    const keyed = round % 2 === 0 ? { idempotencyKey: `${hostname}-key` } : {};
    const userConfig = JSON.stringify({ hostname });
    const input = { id: "fleet-01", userConfig, waitIfBusySeconds: 10, ...keyed };
    try {
      await gateways.ask(key, WRITE, { input });
      written.push(hostname);
      await gateways.ask(key, "{ cvms { totalCount } }");
    } catch (error) {
      problems.push(`${hostname}: ${error}`);
    }
    await sleep(30);
  }
  return { written, problems };
}

describe("two gateways behind nginx", { tags: ["nginx", "redis-server"] }, () => {
  let gateways: Gateways;
  beforeAll(async () => {
    gateways = await startTwoGateways();
  }, 60_000);
  afterAll(() => gateways[Symbol.asyncDispose]());

  it("get the requests of one credential at the same gateway, and those of many at both", async () => {
    for (let round = 0; round < 6; round += 1) await gateways.ask("sandbox-one", "{ __typename }");
    await until(() => gateways.countOperations().includes(6));
    expect(gateways.countOperations().toSorted()).toEqual([0, 6]);
    for (let round = 0; round < 20; round += 1) await gateways.ask(`sandbox-${round}`, "{ __typename }");
    await until(() => Math.min(...gateways.countOperations()) > 0);
  });

  it("that restart in turn under load fail no request, send each write once, and get every stream back", async () => {
    await using stack = new AsyncDisposableStack();
    const streams = Array.from({ length: 4 }, (_, index) => [
      follow("SSE", gateways.url, `sandbox-stream-${index}`),
      follow("WebSocket", gateways.url, `sandbox-stream-${index}`),
    ]).flat();
    for (const stream of streams) stack.defer(stream.leave);
    await until(() => streams.every(({ seen }) => seen.length > 0));
    let running = true;
    const clients = Array.from({ length: CLIENTS }, (_, client) =>
      runClient(gateways, client, () => running),
    );

    expect(await gateways.restartInTurn()).toEqual([0, 0]);
    await sleep(500);
    running = false;
    const done = await Promise.all(clients);

    expect(done.flatMap(({ problems }) => problems)).toEqual([]);
    const written = done.flatMap((client) => client.written);
    expect(written.length).toBeGreaterThan(20);
    expect((await gateways.listAccepted()).toSorted()).toEqual(written.toSorted());

    // Each stream has connected again: a change made now reaches all of them.
    const before = streams.map(({ seen }) => seen.length);
    for (let index = 0; index < 4; index += 1) {
      await gateways.ask(
        `sandbox-stream-${index}`,
        'mutation { stopCvm(input: { id: "web-phala" }) { __typename } }',
      );
    }
    await until(() => streams.every(({ seen }, index) => seen.length > (before[index] ?? 0)));
    expect(streams.map(({ failure }) => failure())).toEqual(streams.map(() => null));
  }, 120_000);
});
