import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { FOLLOW, openStream, startStreamingGateway, until, WATCH } from "../support/streaming-gateway.ts";
import { MULTIPART, post, readText } from "./http-stream.ts";

describe("a subscription over HTTP", () => {
  it.each([
    ["text/event-stream", "text/event-stream; charset=utf-8", ":\n\n"],
    [MULTIPART, "multipart/mixed; boundary=graphql; subscriptionSpec=1.0", "{}\r\n--graphql"],
  ])("as %s is not cached, transformed or buffered, and sends heartbeats", async (accept, type, beat) => {
    await using gateway = await startStreamingGateway();
    const response = await post(gateway.url, accept, WATCH);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(type);
    expect(response.headers.get("cache-control")).toBe("no-cache, no-transform");
    expect(response.headers.get("x-accel-buffering")).toBe("no");
    expect(response.headers.get("x-request-id")).toBeTruthy();
    const text = await readText(response, (all) => all.split(beat).length > 4);
    expect(text).toContain('"RUNNING"');
  });

  it("rejects a heartbeat interval of more than 10 s at startup", async () => {
    await expect(startStreamingGateway({ STREAM_HEARTBEAT_MS: "12000" })).rejects.toThrow(
      "STREAM_HEARTBEAT_MS",
    );
  });

  it("reports an error in the form of the protocol: an event for SSE, a JSON response for multipart", async () => {
    await using gateway = await startStreamingGateway();
    const query = 'subscription { cvmState(id: "no-such-cvm") { status } }';
    const sse = await post(gateway.url, "text/event-stream", query);
    expect(await sse.text()).toMatch(/^(:\n\n)?event: next\ndata: .*"NOT_FOUND".*\n\nevent: complete/);
    const multipart = await post(gateway.url, MULTIPART, query);
    expect((await multipart.json()).errors[0].extensions.code).toBe("NOT_FOUND");
  });

  it("ends a multipart body with an error part when the CVM is deleted", async () => {
    await using gateway = await startStreamingGateway();
    const response = await post(gateway.url, MULTIPART, WATCH);
    const text = response.text();
    await until(() => gateway.proxy.calls.length > 2);
    await gateway.call("DELETE", "/cvms/web-phala");
    expect(await text).toMatch(
      /\{"payload":null,"errors":\[\{"message":.*"NOT_FOUND".*\]\}\r\n--graphql--\r\n$/,
    );
  });

  it("outlasts the request timeout, and so do the reads of its later events", async () => {
    await using gateway = await startStreamingGateway({ REQUEST_TIMEOUT_MS: "300" });
    const correlationId = await gateway.update("web-phala");
    const query = FOLLOW.replace("errorMessage", "cvm { name }");
    const stream = await openStream(gateway.app, query, { cvmId: "web-phala", correlationId });
    await stream.next();
    await sleep(500);
    await gateway.jump(600);
    expect(await stream.next()).toEqual({
      data: {
        operation: { status: "IN_PROGRESS", step: "powering off", percent: 10, cvm: { name: "web-phala" } },
      },
    });
    await stream.leave();
  });

  it("fails with UNAUTHENTICATED without a credential and sends nothing", async () => {
    await using gateway = await startStreamingGateway();
    const response = await post(gateway.url, "text/event-stream", WATCH, {});
    expect(await response.text()).toContain('"UNAUTHENTICATED"');
    expect(gateway.proxy.calls).toEqual([]);
  });
});
