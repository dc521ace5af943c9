import { createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import { setVcpu } from "../support/mutations.ts";
import { answerConnect, startConnectProxy } from "../support/upstream/connect-proxy.ts";
import { listen } from "../support/upstream/listen.ts";
import { reply, startRawUpstream } from "../support/upstream/raw.ts";
import { askThroughFault, READ, SHORT_TIMEOUTS } from "./ask-through-fault.ts";
import { matrix } from "./fault-matrix.ts";

const UNSENT = "The gateway cannot reach the REST API. Nothing was sent.";
const WRITE = setVcpu("cvm_web");
const PAGE = reply(200, { items: [], total: 7, page: 1, page_size: 1, pages: 1 });
const COUNT = "{ cvms(first: 1) { totalCount } }";

describe.concurrent.each(matrix)(
  "when the upstream behind a proxy responds with %s",
  { timeout: 60_000 },
  (name, fault, read, write) => {
    it.each([
      ["read", READ, read],
      ["write", WRITE, write],
    ] as const)("a %s ends as without a proxy", async (_kind, query, expected) => {
      await using proxy = await startConnectProxy();
      const { answer, error, upstream } = await askThroughFault(fault, query, {
        UPSTREAM_READ_TIMEOUT_MS: "4000",
        UPSTREAM_WRITE_TIMEOUT_MS: "4000",
        ...(/hang|trickle/.test(name) ? SHORT_TIMEOUTS : {}),
        HTTP_PROXY: proxy.url,
      });
      expect(error?.code ?? null).toBe(expected.code);
      expect(upstream.countHeads()).toBe(expected.sends);
      if (expected.retryable !== undefined) expect(error?.["retryable"]).toBe(expected.retryable);
      if (expected.code === null) {
        expect(answer.data.configureCvm.__typename).toBe(expected.outcome ?? "OnChainHashRequired");
      }
      expect(proxy.tunnels.length).toBeGreaterThan(0);
      expect(proxy.forwarded).toEqual([]);
    });
  },
);

describe.concurrent.each<[string, (socket: Socket) => void]>([
  ["answers CONNECT with 407", answerConnect(407, 'proxy-authenticate: Basic realm="x"\r\n')],
  ["answers CONNECT with 502", answerConnect(502)],
  ["answers CONNECT with 403", answerConnect(403)],
  ["resets the connection", (socket) => void socket.resetAndDestroy()],
  ["closes the connection", (socket) => void socket.end()],
  ["answers CONNECT with other data than HTTP", (socket) => void socket.end("SSH-2.0-OpenSSH_9.7\r\n")],
])("a proxy that %s", (_name, refusal) => {
  it("fails a read after its retries and a write after one attempt, and nothing is sent", async () => {
    await using proxy = await startConnectProxy(refusal);
    await using upstream = await startRawUpstream(PAGE);
    const logs: string[] = [];
    const { app, close } = createGateway(upstream.url, {
      environment: { HTTP_PROXY: proxy.urlWithPassword },
      logs,
    });
    for (const [query, attempts] of [
      [COUNT, 3],
      [WRITE, 1],
    ] as const) {
      const before = proxy.tunnels.length;
      const { errors } = await ask(app, query);
      expect(errors?.[0]).toMatchObject({
        message: UNSENT,
        extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true },
      });
      expect(proxy.tunnels.length - before).toBe(attempts);
      expect(JSON.stringify(errors)).not.toMatch(/hunter|operator|127\.0\.0\.1/);
    }
    expect(upstream.countHeads()).toBe(0);
    expect(logs.join("")).not.toMatch(/hunter|operator/);
    proxy.become(null);
    expect((await ask(app, COUNT)).data?.cvms.totalCount).toBe(7);
    await close();
  });
});

describe.concurrent("a proxy that never answers CONNECT", () => {
  it("fails a write with the message that nothing was sent, when the connection takes 5 s", async () => {
    await using proxy = await startConnectProxy(() => undefined);
    await using upstream = await startRawUpstream(PAGE);
    const { app, close } = createGateway(upstream.url, { environment: { HTTP_PROXY: proxy.url } });
    const started = performance.now();
    const { errors } = await ask(app, WRITE);
    expect(errors?.[0]).toMatchObject({ message: UNSENT, extensions: { code: "UPSTREAM_UNAVAILABLE" } });
    expect(performance.now() - started).toBeGreaterThan(4_500);
    proxy.become(null);
    expect((await ask(app, COUNT)).data?.cvms.totalCount).toBe(7);
    await close();
  });

  it("fails a write with the same message when its own time ends first", async () => {
    await using proxy = await startConnectProxy(() => undefined);
    const { error, answer, upstream } = await askThroughFault(PAGE, WRITE, {
      UPSTREAM_WRITE_TIMEOUT_MS: "300",
      HTTP_PROXY: proxy.url,
    });
    expect(error?.code).toBe("UPSTREAM_UNAVAILABLE");
    expect(answer.errors?.[0]?.message).toBe(UNSENT);
    expect(upstream.countHeads()).toBe(0);
  });

  it("costs a read no more than its time", async () => {
    await using proxy = await startConnectProxy(() => undefined);
    const { app, close } = createGateway("http://127.0.0.1:9", {
      environment: { UPSTREAM_READ_TIMEOUT_MS: "300", HTTP_PROXY: proxy.url },
    });
    const started = performance.now();
    const { errors } = await ask(app, COUNT);
    expect(errors?.[0]?.extensions.code).toBe("UPSTREAM_TIMEOUT");
    expect(performance.now() - started).toBeLessThan(2_000);
    await close();
  });
});

describe.concurrent("a TLS handshake behind a proxy", () => {
  it.each([
    ["is reset", (socket: Socket) => void socket.once("data", () => socket.resetAndDestroy())],
    ["reaches a server without TLS", (socket: Socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["never ends", () => undefined],
  ])("fails a write with the message that nothing was sent when it %s", async (_name, onConnection) => {
    await using proxy = await startConnectProxy();
    await using server = await listen(createServer(onConnection));
    const { app, close } = createGateway(`https://127.0.0.1:${server.port}`, {
      environment: { HTTPS_PROXY: proxy.url },
    });
    const { errors } = await ask(app, WRITE);
    expect(errors?.[0]?.message).toBe(UNSENT);
    expect(proxy.tunnels).toEqual([{ target: `127.0.0.1:${server.port}`, authorization: null }]);
    await close();
  });
});

describe.concurrent("a proxy of the gateway", () => {
  it("gets the credentials of its URL, and the REST API does not", async () => {
    await using proxy = await startConnectProxy();
    await using upstream = await startRawUpstream(PAGE);
    const environment = { HTTP_PROXY: proxy.urlWithPassword };
    const { app, close } = createGateway(upstream.url, { environment });
    expect((await ask(app, COUNT)).data.cvms.totalCount).toBe(7);
    const authorization = `Basic ${Buffer.from("operator:hunter@2").toString("base64")}`;
    expect(proxy.tunnels).toEqual([{ target: new URL(upstream.url).host, authorization }]);
    expect(upstream.requests[0]?.headers).not.toHaveProperty("proxy-authorization");
    await close();
  });

  it("opens a tunnel for each write, and one for many reads", async () => {
    await using proxy = await startConnectProxy();
    await using upstream = await startRawUpstream(PAGE);
    const { app, close } = createGateway(upstream.url, { environment: { HTTP_PROXY: proxy.url } });
    for (let round = 0; round < 3; round += 1) await ask(app, COUNT);
    expect(proxy.tunnels).toHaveLength(1);
    for (let round = 0; round < 2; round += 1) await ask(app, WRITE);
    expect(proxy.tunnels).toHaveLength(3);
    await close();
  });

  it.each([
    ["127.0.0.1", 0],
    ["example.com, 127.0.0.1", 0],
    ["*", 0],
    ["example.com", 1],
    ["127.0.0.1:1", 1],
  ])("is passed by for the hosts of NO_PROXY: with %s it has %i tunnels", async (hosts, tunnels) => {
    await using proxy = await startConnectProxy();
    await using upstream = await startRawUpstream(PAGE);
    const environment = { http_proxy: proxy.url, no_proxy: hosts };
    const { app, close } = createGateway(upstream.url, { environment });
    expect((await ask(app, COUNT)).data.cvms.totalCount).toBe(7);
    expect(proxy.tunnels).toHaveLength(tunnels);
    await close();
  });

  it("fails a write with the message that nothing was sent when a host of NO_PROXY is down", async () => {
    const upstream = await startRawUpstream(PAGE);
    await upstream.stop();
    const environment = { HTTP_PROXY: "http://127.0.0.1:9", NO_PROXY: "127.0.0.1" };
    const { app, close } = createGateway(upstream.url, { environment });
    expect((await ask(app, WRITE)).errors?.[0]?.message).toBe(UNSENT);
    await close();
  });
});
