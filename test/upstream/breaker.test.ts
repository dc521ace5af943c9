import { describe, expect, it } from "vitest";
import { ask, createGateway, startGateway } from "../support/gateway.ts";
import { setVcpu } from "../support/mutations.ts";
import { type Fault, reply, startRawUpstream, writeReply } from "../support/upstream/raw.ts";

const LIST = "{ cvms(first: 1) { totalCount } }";
/** The body with which the REST API reports a missing CVM. A 404 without it is a missing endpoint. */
const MISSING_CVM = JSON.stringify({ error_code: "ERR-03-001", message: "CVM not found" });
const EMPTY_PAGE = { items: [], total: 0, page: 1, page_size: 1, pages: 0 };
const SHORT = {
  UPSTREAM_BREAKER_OPEN_MS: "400",
  UPSTREAM_READ_TIMEOUT_MS: "200",
  UPSTREAM_WRITE_TIMEOUT_MS: "200",
};

const read = (id: string) => `{ cvm(id: "${id}") { id } }`;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function start(fault: Fault, environment: Readonly<Record<string, string>> = SHORT) {
  const upstream = await startRawUpstream(fault);
  const { app, close } = createGateway(upstream.url, { environment });
  return {
    upstream,
    app,
    ask: (query: string, key = "a-key") => ask(app, query, {}, { "x-api-key": key }),
    async repeat(query: string, times: number, key?: string) {
      for (let round = 0; round < times; round += 1) await this.ask(query, key);
    },
    async ready() {
      const response = await app.fetch("http://gateway.test/ready");
      return { status: response.status, body: await response.json() };
    },
    async [Symbol.asyncDispose]() {
      await upstream[Symbol.asyncDispose]();
      await close();
    },
  };
}

const opening: readonly (readonly [string, Fault])[] = [
  ["timeouts", { onRequest: () => undefined }],
  ["status 500", reply(500, { detail: "x" })],
  ["HTML 502s", reply(502, "<html>")],
  ["resets", { onRequest: (socket) => void socket.resetAndDestroy() }],
];

describe("the circuit breaker", () => {
  it.each(opening)("opens after ten failures by %s", async (_name, fault) => {
    await using gateway = await start(fault);
    await Promise.all(Array.from({ length: 10 }, () => gateway.ask(LIST)));
    const before = gateway.upstream.countHeads();
    const started = performance.now();
    const { errors } = await gateway.ask(LIST);
    expect(performance.now() - started).toBeLessThan(100);
    expect(errors?.[0]?.extensions).toMatchObject({ code: "UPSTREAM_UNAVAILABLE", retryable: true });
    expect(errors?.[0]?.extensions["retryAfterMs"]).toBeGreaterThan(0);
    expect(errors?.[0]?.extensions["retryAfterMs"]).toBeLessThanOrEqual(400);
    expect(gateway.upstream.countHeads()).toBe(before);
    expect(await gateway.ready()).toMatchObject({ status: 200, body: { upstream: { breaker: "open" } } });
  });

  it.each([400, 401, 403, 404, 409, 422, 429, 466])("stays closed on status %i", async (status) => {
    await using gateway = await start(reply(status, { detail: "x" }, { "retry-after": 60 }));
    for (const query of [LIST, setVcpu("cvm_web"), read("a"), read("b"), read("c"), read("d")])
      await gateway.repeat(query, 6);
    expect(gateway.upstream.countHeads()).toBe(status === 409 ? 42 : 36);
    expect((await gateway.ready()).body.upstream).toEqual({ breaker: "closed", failingCvms: 0 });
  });
});

describe("an open circuit breaker", () => {
  it("fails a write before any byte of it is sent", async () => {
    await using gateway = await start(reply(500, {}));
    await gateway.repeat(LIST, 10);
    const before = gateway.upstream.countHeads();
    const { errors } = await gateway.ask(setVcpu("cvm_web"));
    expect(errors?.[0]?.message).toContain("Nothing was sent");
    expect(errors?.[0]?.extensions).toMatchObject({ code: "UPSTREAM_UNAVAILABLE", retryable: true });
    expect(gateway.upstream.countHeads()).toBe(before);
  });

  it("lets one call through after its delay, and opens again when that call fails", async () => {
    await using gateway = await start(reply(500, {}));
    await gateway.repeat(LIST, 10);
    await sleep(420);
    const before = gateway.upstream.countHeads();
    await Promise.all(Array.from({ length: 5 }, () => gateway.ask(LIST)));
    expect(gateway.upstream.countHeads()).toBe(before + 1);
    expect((await gateway.ready()).body.upstream.breaker).toBe("open");
  });

  it("closes when the call that it lets through succeeds", async () => {
    await using gateway = await start(reply(500, {}));
    await gateway.repeat(LIST, 10);
    gateway.upstream.become(reply(200, EMPTY_PAGE));
    await sleep(420);
    expect((await gateway.ask(LIST)).errors).toBeUndefined();
    expect((await gateway.ready()).body.upstream.breaker).toBe("closed");
    await gateway.repeat(LIST, 3);
    expect(gateway.upstream.countHeads()).toBe(14);
  });

  it("closes when that call is rejected, because the upstream is available", async () => {
    await using gateway = await start(reply(500, {}));
    await gateway.repeat(LIST, 10);
    gateway.upstream.become(reply(401, ""));
    await sleep(420);
    expect((await gateway.ask(LIST)).errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
    expect((await gateway.ready()).body.upstream.breaker).toBe("closed");
  });
});

describe("the scope of failures", () => {
  it("a failing CVM blocks the calls about that CVM only", async () => {
    await using gateway = await start({
      onRequest(socket, { path }) {
        if (path === "/cvms/bad") writeReply(socket, 502, "<html>");
        else writeReply(socket, 404, MISSING_CVM);
      },
    });
    await gateway.repeat(read("bad"), 14);
    const before = gateway.upstream.countHeads();
    expect((await gateway.ask(read("bad"))).errors?.[0]?.extensions.code).toBe("UPSTREAM_UNAVAILABLE");
    expect(gateway.upstream.countHeads()).toBe(before);
    const { data, errors } = await gateway.ask(read("good"));
    expect({ data, errors }).toEqual({ data: { cvm: null }, errors: undefined });
    expect((await gateway.ready()).body.upstream).toEqual({ breaker: "closed", failingCvms: 1 });
  });

  it("a failing CVM of one caller does not block the CVM of another caller with the same name", async () => {
    await using gateway = await start({
      onRequest(socket, { headers }) {
        writeReply(socket, headers["x-api-key"] === "first" ? 502 : 404, MISSING_CVM);
      },
    });
    await gateway.repeat(read("web"), 14, "first");
    const { data, errors } = await gateway.ask(read("web"), "second");
    expect({ data, errors }).toEqual({ data: { cvm: null }, errors: undefined });
  });

  it("a failing node with many CVMs does not block a list that succeeds", async () => {
    await using gateway = await start({
      onRequest(socket, { path }) {
        if (path.startsWith("/cvms/paginated")) writeReply(socket, 200, JSON.stringify(EMPTY_PAGE));
        else writeReply(socket, 503, "{}");
      },
    });
    for (let round = 0; round < 4; round += 1) {
      await gateway.ask(LIST);
      await Promise.all(Array.from({ length: 20 }, (_, index) => gateway.ask(read(`cvm-${index}`))));
      expect((await gateway.ask(LIST)).errors).toBeUndefined();
    }
    expect((await gateway.ready()).body.upstream.breaker).toBe("closed");
  }, 30_000);

  it("a caller with an invalid key does not block other callers", async () => {
    await using gateway = await startGateway();
    for (let round = 0; round < 30; round += 1) {
      await gateway.ask(LIST, {}, { "x-api-key": "no-such-key" });
    }
    expect((await gateway.ask(LIST)).errors).toBeUndefined();
  });
});

describe("failures of several CVMs", () => {
  it("open the circuit breaker when no other call succeeds", async () => {
    await using gateway = await start(reply(503, {}));
    await sleep(420);
    for (let round = 0; round < 20; round += 1) await gateway.ask(read(`cvm-${round}`));
    expect((await gateway.ready()).body.upstream.breaker).toBe("open");
    const before = gateway.upstream.countHeads();
    await gateway.ask(LIST);
    expect(gateway.upstream.countHeads()).toBe(before);
  });
});

describe("a client that disconnects", () => {
  it("never counts as a failure", async () => {
    await using gateway = await start({ onRequest: () => undefined }, { UPSTREAM_BREAKER_OPEN_MS: "400" });
    for (let round = 0; round < 15; round += 1) {
      const controller = new AbortController();
      const answer = gateway.app.fetch("http://gateway.test/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": "k" },
        body: JSON.stringify({ query: LIST }),
        signal: controller.signal,
      });
      await expect.poll(() => gateway.upstream.countHeads()).toBe(round + 1);
      controller.abort();
      await Promise.resolve(answer).catch(() => undefined);
    }
    expect((await gateway.ready()).body.upstream.breaker).toBe("closed");
  });
});
