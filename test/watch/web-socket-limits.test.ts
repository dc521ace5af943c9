import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { createGateway } from "../support/gateway.ts";
import { KEY, startStreamingGateway, until, WATCH } from "../support/streaming-gateway.ts";
import { serve } from "../support/upstream/listen.ts";

type Options = { readonly from?: string; readonly forwarded?: string };

/** Open a socket, from an address of the loopback network. @returns it, and the status of a rejection or null */
async function open(url: string, { from = "127.0.0.1", forwarded }: Options = {}) {
  const socket = new WebSocket(url.replace("http", "ws"), "graphql-transport-ws", {
    localAddress: from,
    ...(forwarded === undefined ? {} : { headers: { "x-forwarded-for": forwarded } }),
  });
  socket.on("error", () => undefined);
  const status: number | null = await Promise.race([
    once(socket, "open").then(() => null),
    once(socket, "unexpected-response").then(([, response]) => response.statusCode),
  ]);
  return { socket, status };
}

/** Open a socket whose client has a credential, and wait for its acknowledgement. */
async function connect(url: string) {
  const { socket } = await open(url);
  socket.send(JSON.stringify({ type: "connection_init", payload: { "X-API-Key": KEY } }));
  await once(socket, "message");
  return socket;
}

function subscribe(socket: WebSocket, id: string, query: string, variables: unknown = {}) {
  socket.send(JSON.stringify({ type: "subscribe", id, payload: { query, variables } }));
}

describe("WebSockets without a credential", () => {
  it("do not keep a caller out, however many are open", async () => {
    await using gateway = await startStreamingGateway({ MAX_STREAMS: "60" });
    const keyless = await Promise.all(Array.from({ length: 60 }, () => open(gateway.url)));
    expect(keyless.every(({ status }) => status === null)).toBe(true);
    const socket = await connect(gateway.url);
    subscribe(socket, "1", WATCH, { id: "web-phala" });
    const [data] = await once(socket, "message");
    expect(JSON.parse(String(data))).toMatchObject({ type: "next" });
    socket.terminate();
    for (const { socket: other } of keyless) other.terminate();
  });

  it("are closed within seconds, even when the client does not confirm the close", async () => {
    await using gateway = await startStreamingGateway({ MAX_SOCKETS_PER_ADDRESS: "2" });
    const [silent, deaf] = await Promise.all([open(gateway.url), open(gateway.url)]);
    deaf.socket.pause();
    expect((await open(gateway.url)).status).toBe(429);
    const [code] = await once(silent.socket, "close");
    expect(code).toBe(4408);
    await sleep(2_200);
    const [next, last] = [await open(gateway.url), await open(gateway.url)];
    expect([next.status, last.status]).toEqual([null, null]);
    for (const { socket } of [deaf, next, last]) socket.terminate();
  });
});

describe("a WebSocket without an operation", () => {
  it("is closed with 1000 after ten minutes, and one with a subscription is not", async () => {
    await using gateway = await startStreamingGateway();
    const idle = await connect(gateway.url);
    const used = await connect(gateway.url);
    subscribe(used, "1", WATCH, { id: "web-phala" });
    await once(used, "message");
    const present = performance.now.bind(performance);
    using clock = vi.spyOn(performance, "now").mockImplementation(() => present() + 590_000);
    await sleep(500);
    expect([idle.readyState, used.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN]);
    clock.mockImplementation(() => present() + 600_500);
    const [code] = await once(idle, "close");
    expect(code).toBe(1000);
    await sleep(300);
    expect(used.readyState).toBe(WebSocket.OPEN);
    used.terminate();
  });
});

describe("the limit of WebSockets of a client address", () => {
  it("rejects further sockets of the address with 429 until one is closed", async () => {
    await using gateway = await startStreamingGateway({ MAX_SOCKETS_PER_ADDRESS: "3" });
    const sockets = await Promise.all([1, 2, 3].map(() => open(gateway.url)));
    expect(sockets.map(({ status }) => status)).toEqual([null, null, null]);
    expect((await open(gateway.url)).status).toBe(429);
    // Without a trusted proxy, the header is what the client claims.
    expect((await open(gateway.url, { forwarded: "198.51.100.1" })).status).toBe(429);
    const other = await open(gateway.url, { from: "127.0.0.2" });
    expect(other.status).toBeNull();
    sockets[0]?.socket.terminate();
    await until(async () => {
      const { socket, status } = await open(gateway.url);
      socket.terminate();
      return status === null;
    });
    for (const { socket } of [...sockets, other]) socket.terminate();
  });

  it("uses the address that a trusted proxy reports, and the /64 of IPv6", async () => {
    await using gateway = await startStreamingGateway({
      MAX_SOCKETS_PER_ADDRESS: "1",
      TRUSTED_PROXIES: "127.0.0.1",
    });
    const addresses = ["198.51.100.1", "198.51.100.2", "6.6.6.6, 198.51.100.2", "2001:db8::1", "2001:db8::2"];
    const opened = [];
    for (const forwarded of addresses) opened.push(await open(gateway.url, { forwarded }));
    expect(opened.map(({ status }) => status)).toEqual([null, null, 429, null, 429]);
    for (const { socket } of opened) socket.terminate();
  });

  it("is 100 by default, and off with 0", async () => {
    for (const [environment, expected] of [
      [{}, 100],
      [{ MAX_SOCKETS_PER_ADDRESS: "0" }, 110],
    ] as const) {
      await using gateway = await startStreamingGateway(environment);
      const opened = await Promise.all(Array.from({ length: 110 }, () => open(gateway.url)));
      expect(opened.filter(({ status }) => status === null)).toHaveLength(expected);
      for (const { socket } of opened) socket.terminate();
    }
  });
});

/** Start a gateway in front of a REST API that answers nothing until it is released. */
async function startHeldGateway() {
  const held: (() => void)[] = [];
  let released = false;
  const upstream = await serve((_request, response) => {
    const answer = () => void response.writeHead(404, { "content-type": "application/json" }).end("{}");
    if (released) answer();
    else held.push(answer);
  });
  const gateway = createGateway(upstream.url, { environment: { STREAM_HEARTBEAT_MS: "100" } });
  const server = await gateway.listen();
  return {
    url: `${server.url}/graphql`,
    held,
    release() {
      released = true;
      for (const answer of held.splice(0)) answer();
    },
    async [Symbol.asyncDispose]() {
      await server.drain(0);
      await gateway.close();
      await upstream.stop();
    },
  };
}

describe("the operations of one WebSocket", () => {
  it("run 100 at a time; more wait, and the socket is not read until they run", async () => {
    await using gateway = await startHeldGateway();
    const socket = await connect(gateway.url);
    const results = new Set<string>();
    socket.on("message", (data) => {
      const { type, id } = JSON.parse(String(data));
      if (type === "next" || type === "error") results.add(id);
    });
    const padding = `# ${"x".repeat(40_000)}`;
    for (let id = 0; id < 600; id += 1)
      subscribe(socket, String(id), `{ cvm(id: "c${id}") { id } } ${padding}`);
    await until(() => gateway.held.length >= 100);
    // Several heartbeats pass: a socket that is not read is not taken for a dead one.
    await sleep(500);
    expect(gateway.held.length).toBe(100);
    expect(socket.bufferedAmount).toBeGreaterThan(1_000_000);
    expect(results.size).toBe(0);
    gateway.release();
    await until(() => results.size === 600);
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.terminate();
  });

  it("leave a running operation its turn when the client completes it and uses the id again", async () => {
    await using gateway = await startHeldGateway();
    const socket = await connect(gateway.url);
    for (let round = 1; round <= 100; round += 1) {
      subscribe(socket, "1", `{ cvm(id: "c${round}") { id } }`);
      await until(() => gateway.held.length === round);
      socket.send(JSON.stringify({ type: "complete", id: "1" }));
    }
    subscribe(socket, "1", '{ cvm(id: "last") { id } }');
    await sleep(200);
    expect(gateway.held.length).toBe(100);
    gateway.release();
    const [data] = await once(socket, "message");
    expect(JSON.parse(String(data))).toMatchObject({ id: "1", payload: { data: { cvm: null } } });
    socket.terminate();
  });

  it("do not count subscriptions that have started", async () => {
    await using gateway = await startStreamingGateway();
    const socket = await connect(gateway.url);
    const streaming = new Set<string>();
    const read = Promise.withResolvers<void>();
    socket.on("message", (data) => {
      const { type, id } = JSON.parse(String(data));
      if (type === "next" && id === "read") read.resolve();
      else if (type === "next") streaming.add(id);
    });
    for (let id = 0; id < 250; id += 1) subscribe(socket, String(id), WATCH, { id: "web-phala" });
    await until(() => streaming.size === 250);
    subscribe(socket, "read", "{ __typename }");
    await read.promise;
    socket.terminate();
  });
});
