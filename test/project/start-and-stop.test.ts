import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { startMain, startProcess } from "../support/process.ts";
import { WATCH } from "../support/streaming-gateway.ts";
import { serve } from "../support/upstream/listen.ts";
import { startScripted } from "../support/upstream/scripted.ts";

describe("the gateway process", () => {
  it("starts on the sandbox and prints its URL, a key and an example request", async () => {
    await using gateway = await startMain();
    await gateway.waitFor(/curl -s \S+ .*x-api-key: sandbox-demo/);
    expect(gateway.output()).toMatch(/embedded sandbox at http:\/\/127\.0\.0\.1:\d+\/api\/v1/);
    const answer = await (
      await gateway.post("{ cvms(first: 5) { totalCount nodes { id name status } } }", {
        "x-api-key": "sandbox-demo",
      })
    ).json();
    expect(answer.data.cvms.nodes).toHaveLength(5);
  });

  it("rejects invalid settings in one message and opens no port", async () => {
    await using gateway = startProcess("src/main.ts", { PORT: "x", UPSTREAM_URL: "nowhere" });
    await gateway.waitFor(/PORT: must be a whole number/);
    expect(gateway.output()).toMatch(/UPSTREAM_URL: must be/);
    expect(gateway.output()).not.toMatch(/listening|at file:/);
    expect(await gateway.exit()).toBe(1);
  });

  it("warns of a variable that looks like a setting, without its value", async () => {
    await using gateway = await startMain({ CORS_ORIGIN: "https://canary.example", LANGUAGE: "en" });
    await gateway.waitFor(/"CORS_ORIGIN is not a setting of the gateway\. Did you mean CORS_ORIGINS\?"/);
    const warnings = gateway
      .output()
      .split("\n")
      .filter((line) => line.includes("Did you mean"));
    expect(warnings).toHaveLength(1);
    expect(JSON.parse(warnings[0] ?? "")).toMatchObject({ level: 40 });
    expect(gateway.output()).not.toContain("canary");
  });

  it("tells a caller with a wrong key what a key of the sandbox looks like", async () => {
    await using gateway = await startMain();
    const { errors } = await gateway.ask("{ cvms { totalCount } }", { "x-api-key": "sandboxkey-canary" });
    expect(errors[0]).toMatchObject({
      message: expect.stringContaining("a key of it starts with sandbox-, for example sandbox-demo."),
      extensions: { code: "UNAUTHENTICATED" },
    });
    expect(JSON.stringify(errors)).not.toContain("canary");
  });

  it("does not mention the sandbox to a caller with a wrong key of another REST API", async () => {
    await using upstream = await startScripted(() => ({ status: 401, body: { detail: "Invalid API key" } }));
    await using gateway = await startMain({ UPSTREAM_URL: upstream.url });
    const { errors } = await gateway.ask("{ cvms { totalCount } }");
    expect(errors[0]).toMatchObject({ message: "Invalid API key", extensions: { code: "UNAUTHENTICATED" } });
  });

  it("fails with a message when its port is in use", async () => {
    await using taken = await serve((_request, response) => response.end());
    await using gateway = startProcess("src/main.ts", { PORT: new URL(taken.url).port });
    await gateway.waitFor(/EADDRINUSE/);
    expect(await gateway.exit()).toBe(1);
  });

  it("prints the URLs of the sandbox's chain and clock, which answer", async () => {
    await using gateway = await startMain();
    await gateway.waitFor(/curl -s/);
    const [, rpc = ""] = gateway.output().match(/Chain RPC +(http:\S+)/) ?? [];
    const [, clock = ""] = gateway.output().match(/Clock +(http:\S+)/) ?? [];
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId" });
    expect(await (await fetch(rpc, { method: "POST", body })).json()).toMatchObject({ result: "0x2105" });
    expect(await (await fetch(clock)).json()).toMatchObject({ timeScale: 1 });
  });

  it("starts the sandbox on port 4001, and on another port when that is in use", async () => {
    const atUrl = /embedded sandbox at http:\/\/127\.0\.0\.1:(\d+)/;
    // An empty variable counts as not set. Another program of this machine may use the port.
    await using first = await startMain({ SANDBOX_PORT: "" });
    await using second = await startMain({ SANDBOX_PORT: "" });
    const [, port] = await first.waitFor(atUrl);
    const [, other] = await second.waitFor(atUrl);
    expect(await (await fetch("http://127.0.0.1:4001/__sandbox/clock")).json()).toMatchObject({
      now: expect.any(String),
    });
    expect(other).not.toBe(port);
    expect(other).not.toBe("4001");
  });

  it("leaves port 4001 to the gateway when PORT says so", async () => {
    await using gateway = startProcess("src/main.ts", { PORT: "4001" });
    const [, port] = await gateway.waitFor(/embedded sandbox at http:\/\/127\.0\.0\.1:(\d+)|EADDRINUSE/);
    expect(port).not.toBe("4001");
  });

  it("responds to liveness and readiness checks without a credential", async () => {
    await using gateway = await startMain();
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    const ready = await fetch(`${gateway.url}/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([200, { status: "ready" }]);
    expect((await fetch(`${gateway.url}/elsewhere`)).status).toBe(404);
  });

  it("completes running requests after SIGTERM, accepts no new ones, and exits with 0", async () => {
    const release = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    await using upstream = await serve(async (request, response) => {
      request.resume();
      arrived.resolve();
      await release.promise;
      response.writeHead(200, { "content-type": "application/json" }).end('{"items":[],"total":0}');
    });
    await using gateway = await startMain({ UPSTREAM_URL: upstream.url });
    const running = gateway.post("{ cvms { totalCount } }", { "x-api-key": "k" });
    await arrived.promise;
    const stopped = gateway.stop("SIGTERM");
    await gateway.waitFor(/stopping/);
    await expect
      .poll(() =>
        gateway.post("{ __typename }", { "x-api-key": "k" }).then(
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

  it("is not ready after SIGTERM, but answers and keeps streams open until SHUTDOWN_DELAY_MS has passed", async () => {
    await using gateway = await startMain({ SHUTDOWN_DELAY_MS: "1500" });
    const stream = await gateway.post(WATCH, { accept: "text/event-stream" }, { id: "web-phala" });
    const reader = stream.body?.getReader();
    await reader?.read();
    const started = performance.now();
    const stopped = gateway.stop("SIGTERM");
    await gateway.waitFor(/stopping/);
    const ready = await fetch(`${gateway.url}/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([503, { status: "stopping" }]);
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    const answer = await gateway.post("{ cvms { totalCount } }");
    expect(answer.headers.get("connection")).toBe("close");
    expect(Object.keys(await answer.json())).toEqual(["data"]);
    while (!(await reader?.read())?.done);
    expect(performance.now() - started).toBeGreaterThan(1_400);
    expect(await stopped).toBe(0);
  });

  it("does not wait for SHUTDOWN_DELAY_MS after SIGINT, or after a second signal", async () => {
    await using interrupted = await startMain({ SHUTDOWN_DELAY_MS: "600000" });
    expect(await interrupted.stop("SIGINT")).toBe(0);
    await using gateway = await startMain({ SHUTDOWN_DELAY_MS: "600000" });
    gateway.child.kill("SIGTERM");
    await gateway.waitFor(/stopping/);
    expect(await gateway.stop("SIGTERM")).toBe(0);
  });

  it.each([
    "POST /graphql HTTP/1.1\r\nhost: g\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
    "POST /graphql HTTP/1.1\r\nhost: g\r\n",
  ])("does not wait after SIGTERM for an incomplete request: %j", async (half) => {
    await using gateway = await startMain({ DRAIN_TIMEOUT_MS: "20000" });
    const { hostname, port } = new URL(gateway.url);
    const socket = connect({ port: Number(port), host: hostname });
    socket.on("error", () => undefined);
    await once(socket, "connect");
    socket.write(half);
    await (await gateway.post("{ __typename }", { "x-api-key": "k" })).text();
    const started = performance.now();
    expect(await gateway.stop("SIGTERM")).toBe(0);
    expect(performance.now() - started).toBeLessThan(5_000);
    socket.destroy();
  });

  it("exits with 0 after SIGTERM when idle, and stops the sandbox", async () => {
    await using gateway = await startMain();
    await (await gateway.post("{ cvms { totalCount } }", { "x-api-key": "sandbox-demo" })).text();
    expect(await gateway.stop("SIGTERM")).toBe(0);
  });

  it.each([
    ["an exception", "throw new Error(['canary', 'message'].join('-'))"],
    ["a rejection", "Promise.reject(new Error(['canary', 'message'].join('-')))"],
  ])("ends running requests and exits with 1 after %s that nothing caught", async (_name, statement) => {
    const release = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    await using upstream = await serve(async (request, response) => {
      request.resume();
      arrived.resolve();
      await release.promise;
      response.writeHead(200, { "content-type": "application/json" }).end('{"items":[],"total":0}');
    });
    const script = `process.on("SIGUSR2", () => { ${statement} })`;
    await using gateway = await startMain({
      UPSTREAM_URL: upstream.url,
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(script)}`,
    });
    const running = gateway.post("{ cvms { totalCount } }", { "x-api-key": "k" });
    await arrived.promise;
    gateway.child.kill("SIGUSR2");
    await gateway.waitFor(/unexpected failure/);
    release.resolve();
    expect((await (await running).json()).data.cvms.totalCount).toBe(0);
    expect(await gateway.exit()).toBe(1);
    expect(gateway.output()).not.toContain("canary-message");
  });
});
