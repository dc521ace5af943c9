import { setTimeout as sleep } from "node:timers/promises";
import { createClient as createWsClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createMetrics } from "../../src/server/telemetry/metrics.ts";
import { KEY, startStreamingGateway, until, WATCH } from "../support/streaming-gateway.ts";
import { MULTIPART } from "./http-stream.ts";

const ROUNDS = 20;

/** Start a subscription that its caller can break off at any time. */
type Begin = (url: string, onResult: () => void) => () => void;

function beginOverHttp(accept: string): Begin {
  return (url, onResult) => {
    const controller = new AbortController();
    const read = async () => {
      const { body } = await fetch(url, {
        method: "POST",
        signal: controller.signal,
        headers: { "content-type": "application/json", accept, "x-api-key": KEY },
        body: JSON.stringify({ query: WATCH, variables: { id: "web-phala" } }),
      });
      const decoder = new TextDecoder();
      for await (const chunk of body ?? []) if (decoder.decode(chunk).includes("RUNNING")) onResult();
    };
    read().catch(() => undefined);
    return () => controller.abort();
  };
}

const beginOverWebSocket: Begin = (url, onResult) => {
  const socket = new WebSocket(url.replace("http", "ws"), "graphql-transport-ws");
  socket.on("error", () => undefined);
  socket.on("open", () => {
    socket.send(JSON.stringify({ type: "connection_init", payload: { "X-API-Key": KEY } }));
  });
  socket.on("message", (data) => {
    const { type } = JSON.parse(String(data));
    const payload = { query: WATCH, variables: { id: "web-phala" } };
    if (type === "connection_ack") socket.send(JSON.stringify({ type: "subscribe", id: "1", payload }));
    if (type === "next") onResult();
  });
  return () => socket.terminate();
};

const transports: readonly [string, Begin][] = [
  ["Server-Sent Events", beginOverHttp("text/event-stream")],
  ["multipart HTTP", beginOverHttp(MULTIPART)],
  ["WebSocket", beginOverWebSocket],
];

async function start() {
  const metrics = createMetrics();
  const gateway = await startStreamingGateway({}, { metrics });
  const read = async () =>
    Number(/^cvm_gateway_subscriptions (\S+)$/m.exec(await metrics.registry.metrics())?.[1]);
  return { ...gateway, read };
}

describe("the gauge of open subscriptions", () => {
  it.each(transports)("is 0 after clients disconnect during a stream over %s", async (_name, begin) => {
    await using gateway = await start();
    const streaming = new Set<number>();
    const leaves = Array.from({ length: ROUNDS }, (_, index) =>
      begin(gateway.url, () => void streaming.add(index)),
    );
    await until(() => streaming.size === ROUNDS);
    expect(await gateway.read()).toBe(ROUNDS);
    for (const leave of leaves) leave();
    await until(async () => (await gateway.read()) === 0);
  });

  it.each(transports)("is 0 after clients disconnect while a stream starts over %s", async (_name, begin) => {
    await using gateway = await start();
    for (let round = 0; round < 100; round += 1) {
      const leave = begin(gateway.url, () => undefined);
      await sleep(round / 5);
      leave();
    }
    await sleep(300);
    expect(await gateway.read()).toBe(0);
  });

  it("is 0 after a stream ends with an error", async () => {
    await using gateway = await start();
    const ended: string[] = [];
    const follow = createWsClient({
      url: gateway.url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      connectionParams: { "X-API-Key": KEY },
    });
    for (const id of ["web-phala", "no-such-cvm"]) {
      follow.subscribe(
        { query: WATCH, variables: { id } },
        {
          next: ({ errors }) => void (errors && ended.push(id)),
          error: () => void ended.push(id),
          complete() {},
        },
      );
    }
    await until(async () => (await gateway.read()) === 1 && ended.length === 1);
    await gateway.call("DELETE", "/cvms/web-phala");
    await gateway.jump(600_000);
    await until(() => ended.length === 2);
    expect(await gateway.read()).toBe(0);
    await follow.dispose();
  });
});
