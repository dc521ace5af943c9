import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { ask } from "../support/gateway.ts";
import { streamClients } from "../support/stream-clients.ts";
import { KEY, startStreamingGateway, until, WATCH } from "../support/streaming-gateway.ts";
import { MULTIPART, post } from "./http-stream.ts";

describe("a gateway that shuts down", () => {
  it("ends every stream immediately, in a way that makes clients reconnect", async () => {
    await using gateway = await startStreamingGateway();
    const sse = await post(gateway.url, "text/event-stream", WATCH);
    const multipart = await post(gateway.url, MULTIPART, WATCH);
    const socket = new WebSocket(gateway.url.replace("http", "ws"), "graphql-transport-ws");
    const code = new Promise<number>((resolve) => socket.once("close", resolve));
    await new Promise((resolve) => socket.once("open", resolve));
    const texts = [sse.text(), multipart.text()];
    await until(() => gateway.proxy.calls.length > 3);
    const started = performance.now();
    expect(await gateway.drain(10_000)).toBe(true);
    expect(performance.now() - started).toBeLessThan(1_500);
    const [events = "", parts = ""] = await Promise.all(texts);
    // Clients of this protocol reconnect when `complete` is missing.
    expect(events).toContain("event: next");
    expect(events).not.toContain("event: complete");
    expect(parts).toMatch(/\{"payload":null,"errors":\[.*"CANCELLED".*\]\}\r\n--graphql--\r\n$/);
    expect(await code).toBe(1012);
    await sleep(50);
    gateway.proxy.calls.length = 0;
    await sleep(100);
    expect(gateway.proxy.calls).toEqual([]);
  });

  it.each(["graphql-sse, single connection", "graphql-ws"])(
    "sends the result of a running write over %s before it closes, because the client would send the write again",
    async (name) => {
      await using gateway = await startStreamingGateway();
      const { data } = await ask(gateway.app, "{ cvms(first: 50) { nodes { id name } } }");
      const { id } = data.cvms.nodes.find(({ name: found }: { name: string }) => found === "fails-slow");
      gateway.proxy.calls.length = 0;
      const write = `mutation { configureCvm(input: { id: "${id}", vcpu: 8 }) { __typename } }`;
      const following = streamClients[name]?.(gateway.url, KEY, write);
      await until(() => gateway.proxy.calls.length === 1);
      const draining = gateway.drain(10_000);
      await sleep(150);
      await gateway.jump(61_000);
      await following?.done;
      expect(following?.received).toEqual([{ data: { configureCvm: { __typename: "InProgress" } } }]);
      expect(await draining).toBe(true);
      expect(gateway.proxy.calls).toEqual([`PATCH /cvms/${id}`]);
    },
  );

  it.each(["graphql-sse, distinct connections", "graphql-sse, single connection", "graphql-ws"])(
    "closes %s with a broken connection, which the client retries, and not with a completion",
    async (name) => {
      await using gateway = await startStreamingGateway();
      const following = streamClients[name]?.(gateway.url, KEY, WATCH, { id: "web-phala" });
      await until(() => following?.received.length === 1);
      await gateway.drain(10_000);
      await expect(following?.done).rejects.toBeTruthy();
    },
  );
});
