import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { serve } from "../support/gateway.ts";
import { startProcess } from "../support/process.ts";

const LISTENING = /GraphQL +(http:\/\/[\d.]+:\d+)\/graphql/;
const post = (url: string, query: string, key: string) =>
  fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": key },
    body: JSON.stringify({ query }),
  });

describe("the gateway's process", () => {
  it("starts on the sandbox and says where it is, which key to use and what to try", async () => {
    await using gateway = startProcess("src/main.ts", { PORT: "0" });
    const [, url = ""] = await gateway.waitFor(LISTENING);
    await gateway.waitFor(/curl -s \S+ .*x-api-key: sandbox-demo/);
    expect(gateway.output()).toMatch(/embedded sandbox at http:\/\/127\.0\.0\.1:\d+\/api\/v1/);
    const answer = await (
      await post(url, "{ cvms(first: 5) { totalCount nodes { id name status } } }", "sandbox-demo")
    ).json();
    expect(answer.data.cvms.nodes).toHaveLength(5);
  });

  it("refuses wrong settings in one message and listens to nothing", async () => {
    await using gateway = startProcess("src/main.ts", { PORT: "x", UPSTREAM_URL: "nowhere" });
    await gateway.waitFor(/PORT: must be a number/);
    expect(gateway.output()).toMatch(/UPSTREAM_URL: must be/);
    expect(gateway.output()).not.toMatch(/listening|at file:/);
    expect(await gateway.exit()).toBe(1);
  });

  it("says so when its port is taken", async () => {
    await using taken = await serve((_request, response) => response.end());
    await using gateway = startProcess("src/main.ts", { PORT: new URL(taken.url).port });
    await gateway.waitFor(/EADDRINUSE/);
    expect(await gateway.exit()).toBe(1);
  });

  it("answers health and readiness without a credential", async () => {
    await using gateway = startProcess("src/main.ts", { PORT: "0" });
    const [, url = ""] = await gateway.waitFor(LISTENING);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const ready = await fetch(`${url}/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([200, { status: "ready" }]);
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
  });

  it("ends running requests on SIGTERM, takes no new ones, and exits with 0", async () => {
    const release = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    await using upstream = await serve(async (request, response) => {
      request.resume();
      arrived.resolve();
      await release.promise;
      response.writeHead(200, { "content-type": "application/json" }).end('{"items":[],"total":0}');
    });
    await using gateway = startProcess("src/main.ts", { PORT: "0", UPSTREAM_URL: upstream.url });
    const [, url = ""] = await gateway.waitFor(LISTENING);
    const running = post(url, "{ cvms { totalCount } }", "k");
    await arrived.promise;
    const stopped = gateway.stop("SIGTERM");
    await gateway.waitFor(/stopping/);
    await expect
      .poll(() =>
        post(url, "{ __typename }", "k").then(
          () => "taken",
          () => "refused",
        ),
      )
      .toBe("refused");
    release.resolve();
    const response = await running;
    expect(await response.json()).toEqual({ data: { cvms: { totalCount: 0 } } });
    expect(await stopped).toBe(0);
  });

  it.each([
    "POST /graphql HTTP/1.1\r\nhost: g\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
    "POST /graphql HTTP/1.1\r\nhost: g\r\n",
  ])("does not wait on SIGTERM for a request that is half sent: %j", async (half) => {
    await using gateway = startProcess("src/main.ts", { PORT: "0", DRAIN_TIMEOUT_MS: "20000" });
    const [, url = ""] = await gateway.waitFor(LISTENING);
    const { hostname, port } = new URL(url);
    const socket = connect({ port: Number(port), host: hostname });
    socket.on("error", () => undefined);
    await once(socket, "connect");
    socket.write(half);
    await (await post(url, "{ __typename }", "k")).text();
    const started = performance.now();
    expect(await gateway.stop("SIGTERM")).toBe(0);
    expect(performance.now() - started).toBeLessThan(5_000);
    socket.destroy();
  });

  it("exits with 0 on SIGTERM when idle, sandbox and all", async () => {
    await using gateway = startProcess("src/main.ts", { PORT: "0" });
    const [, url = ""] = await gateway.waitFor(LISTENING);
    await (await post(url, "{ cvms { totalCount } }", "sandbox-demo")).text();
    expect(await gateway.stop("SIGTERM")).toBe(0);
  });
});
