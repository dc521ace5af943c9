import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { httpLimits } from "../../../src/limits.ts";
import { listen } from "../../../src/server/http/listen.ts";
import { createGateway } from "../../support/gateway.ts";

const QUERY = '{"query":"{ __typename }"}';
const POST = `POST /graphql HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\ncontent-length: ${QUERY.length}\r\n`;

async function start() {
  const { app } = createGateway("http://127.0.0.1:9");
  const limits = {
    ...httpLimits,
    headersTimeout: 300,
    requestTimeout: 600,
    idleTimeout: 1000,
    keepAliveTimeout: 300,
    connectionsCheckingInterval: 50,
  };
  const server = await listen(app, { port: 0, host: "127.0.0.1", readiness: { stopping: false }, limits });
  return { url: new URL(server.url), [Symbol.asyncDispose]: async () => void (await server.drain(100)) };
}

/** Open a raw connection. `closed` resolves to the received text when the server has closed it. */
function dial(url: URL) {
  const socket: Socket = connect({ port: Number(url.port), host: url.hostname, allowHalfOpen: true });
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString();
  });
  socket.on("error", () => undefined);
  const closed = new Promise<string>((resolve) => {
    socket.on("end", () => resolve(text));
    socket.on("close", () => resolve(text));
  });
  return { socket, closed, read: () => text };
}

describe("a client that", () => {
  it("sends its headers byte by byte is disconnected with 408", async () => {
    await using server = await start();
    const { socket, closed } = dial(server.url);
    let index = 0;
    const timer = setInterval(() => socket.write(POST[index++] ?? "x"), 30);
    expect(await closed).toContain("408 Request Timeout");
    clearInterval(timer);
    socket.destroy();
  });

  it("sends its body byte by byte is disconnected with 408", async () => {
    await using server = await start();
    const { socket, closed } = dial(server.url);
    socket.write(`${POST}\r\n{`);
    const started = performance.now();
    expect(await closed).toContain("408 Request Timeout");
    expect(performance.now() - started).toBeLessThan(2000);
    socket.destroy();
  });

  it("sends oversized headers is rejected with 431", async () => {
    await using server = await start();
    const { socket, closed } = dial(server.url);
    socket.write(`${POST}x-huge: ${"x".repeat(17 * 1024)}\r\n\r\n${QUERY}`);
    expect(await closed).toContain("431 Request Header Fields Too Large");
    socket.destroy();
  });

  it("closes its write side after the request still receives the response", async () => {
    await using server = await start();
    const { socket, closed } = dial(server.url);
    socket.end(`${POST}\r\n${QUERY}`);
    expect(await closed).toContain('{"data":{"__typename":"Query"}}');
  });

  it("opens a connection and sends nothing is disconnected", async () => {
    await using server = await start();
    const { socket, closed } = dial(server.url);
    expect(await closed).not.toContain("200 OK");
    socket.destroy();
  });

  it("keeps its connection after a response may send another request, and is disconnected when idle", async () => {
    await using server = await start();
    const { socket, closed, read } = dial(server.url);
    socket.write(`${POST}\r\n${QUERY}`);
    await expect.poll(read).toContain("__typename");
    socket.write(`${POST}\r\n${QUERY}`);
    expect((await closed).match(/200 OK/g)).toHaveLength(2);
    socket.destroy();
  });

  it.each([
    "GET /graphql HTTP/1.1\r\nHost: a b\r\n\r\n",
    "GET /graphql?query={__typename} HTTP/1.1\r\nHost: a b\r\nAccept: text/html\r\n\r\n",
    "GET /graphql HTTP/1.1\r\nHost: [::\r\n\r\n",
    "GET /graphql HTTP/1.1\r\nHost: user@evil/graphql?\r\n\r\n",
    "GET http://elsewhere/graphql HTTP/1.1\r\nHost: gateway:99999\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: gateway\r\n\r\n",
  ])("names no valid address in %j is rejected, without internal details in the response", async (text) => {
    await using server = await start();
    const { socket, closed } = dial(server.url);
    socket.write(text);
    const answer = await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    const [, requestId] = /x-request-id: (\S+)/i.exec(answer) ?? [];
    const body = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4));
    expect(body.errors[0].extensions).toEqual({ code: "BAD_REQUEST", retryable: false, requestId });
    expect(answer).not.toMatch(/node_modules|at |file:/);
    socket.destroy();
  });

  it("sends two Content-Length headers is rejected", async () => {
    await using server = await start();
    const { socket, closed } = dial(server.url);
    socket.write(`${POST}transfer-encoding: chunked\r\n\r\n0\r\n\r\n${POST}\r\n${QUERY}`);
    expect(await closed).toContain("400 Bad Request");
    socket.destroy();
  });
});
