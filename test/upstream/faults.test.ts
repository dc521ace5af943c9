import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import { listen } from "../support/upstream/listen.ts";
import { type Fault, reply, startRawUpstream, writeReply } from "../support/upstream/raw.ts";
import { precondition } from "../support/upstream/scripted.ts";

const READ = '{ cvm(id: "web") { id } }';
const WRITE = 'mutation { configureCvm(input: { id: "web", vcpu: 2 }) { __typename } }';
const BUDGETS = { UPSTREAM_READ_TIMEOUT_MS: "400", UPSTREAM_WRITE_TIMEOUT_MS: "400" };

type Expected = {
  readonly code: string | null;
  readonly sends: number;
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
};

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function send(fault: Fault, query: string, environment: Readonly<Record<string, string>> = BUDGETS) {
  const upstream = await startRawUpstream(fault);
  const { app, close } = createGateway(upstream.url, { environment });
  closers.push(async () => {
    await upstream[Symbol.asyncDispose]();
    await close();
  });
  const answer = await ask(app, query, {}, { "x-api-key": "canary-key-1234" });
  return { answer, upstream, error: answer.errors?.[0]?.extensions };
}

const reset = (socket: Socket) => void socket.resetAndDestroy();
const nothing = (): void => undefined;
const detail = { detail: "x" };
const html = (status: number): Fault => reply(status, "<html>Bad</html>", { "content-type": "text/html" });

/** Name, what the upstream does, what a read ends in, what a write ends in. */
const matrix: readonly (readonly [string, Fault, Expected, Expected])[] = [
  [
    "a reset before the body",
    { onHeaders: reset },
    { code: "UPSTREAM_UNAVAILABLE", sends: 3, retryable: true },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "a reset after the body",
    { onRequest: reset },
    { code: "UPSTREAM_UNAVAILABLE", sends: 3, retryable: true },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "an end without an answer",
    { onRequest: (socket) => void socket.end() },
    { code: "UPSTREAM_UNAVAILABLE", sends: 3, retryable: true },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "a hang before the headers",
    { onRequest: nothing },
    { code: "UPSTREAM_TIMEOUT", sends: 1, retryable: true },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "a hang after the headers",
    { onRequest: (socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n") },
    { code: "UPSTREAM_TIMEOUT", sends: 1, retryable: true },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "a trickle",
    {
      onRequest(socket) {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
        const timer = setInterval(() => socket.write(" "), 20);
        socket.on("close", () => clearInterval(timer));
      },
    },
    { code: "UPSTREAM_TIMEOUT", sends: 1, retryable: true },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "a body that ends too early",
    {
      onRequest(socket) {
        writeReply(socket, 200, '{"id":', { "content-length": 500 });
        socket.end();
      },
    },
    { code: "UPSTREAM_UNAVAILABLE", sends: 3, retryable: true },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "a content-length that is too small",
    reply(200, JSON.stringify({ id: "cvm_1", status: "no_change" }), { "content-length": 5 }),
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
  ],
  [
    "an answer that is not HTTP",
    { onRequest: (socket) => void socket.end("SSH-2.0-OpenSSH_9.7\r\n") },
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "wrong JSON",
    reply(200, '{"id": cvm_'),
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
  ],
  [
    "a wrong schema",
    reply(200, { id: 7, status: 7 }),
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
  ],
  [
    "an HTML 502",
    html(502),
    { code: "UPSTREAM_UNAVAILABLE", sends: 3, retryable: true },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "an HTML 504",
    html(504),
    { code: "UPSTREAM_UNAVAILABLE", sends: 3, retryable: true },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "a 503",
    reply(503, detail),
    { code: "UPSTREAM_UNAVAILABLE", sends: 3, retryable: true },
    { code: "UPSTREAM_UNAVAILABLE", sends: 1, retryable: false },
  ],
  [
    "a 500",
    reply(500, detail),
    { code: "UPSTREAM_UNAVAILABLE", sends: 1, retryable: true },
    { code: "UPSTREAM_UNAVAILABLE", sends: 1, retryable: false },
  ],
  [
    "an empty 401",
    reply(401, ""),
    { code: "UNAUTHENTICATED", sends: 1, retryable: false },
    { code: "UNAUTHENTICATED", sends: 1, retryable: false },
  ],
  [
    "a 429 without Retry-After",
    reply(429, detail),
    { code: "RATE_LIMITED", sends: 3, retryable: true },
    { code: "RATE_LIMITED", sends: 1, retryable: true },
  ],
  [
    "a 429 with a short Retry-After",
    reply(429, detail, { "retry-after": 0 }),
    { code: "RATE_LIMITED", sends: 3, retryable: true, retryAfterMs: 0 },
    { code: "RATE_LIMITED", sends: 1, retryable: true, retryAfterMs: 0 },
  ],
  [
    "a 429 with a Retry-After beyond the budget",
    reply(429, detail, { "retry-after": 30 }),
    { code: "RATE_LIMITED", sends: 1, retryable: true, retryAfterMs: 30_000 },
    { code: "RATE_LIMITED", sends: 1, retryable: true, retryAfterMs: 30_000 },
  ],
  [
    "a 409 without an error code",
    reply(409, { detail: "Another operation is already in progress" }),
    { code: "OPERATION_IN_PROGRESS", sends: 1, retryable: true, retryAfterMs: 3000 },
    // The second is the read that names the operation in the way.
    { code: "OPERATION_IN_PROGRESS", sends: 2, retryable: true, retryAfterMs: 3000 },
  ],
  [
    "a 409 with an error code",
    reply(409, { error_code: "ERR-03-007", message: "conflict" }),
    { code: "CONFLICT", sends: 1, retryable: false },
    { code: "CONFLICT", sends: 1, retryable: false },
  ],
  [
    "a structured 465",
    reply(465, {
      error_code: "ERR-01-005",
      message: "register it",
      details: Object.entries(precondition).map(([field, value]) => ({ field, value })),
    }),
    { code: "UPSTREAM_REFUSED", sends: 1, retryable: false },
    { code: null, sends: 1 },
  ],
  [
    "a flat 465",
    reply(465, { message: "register it", ...precondition }),
    { code: "UPSTREAM_REFUSED", sends: 1, retryable: false },
    { code: null, sends: 1 },
  ],
  ...(
    [
      [466, "HASH_INVALID_OR_EXPIRED"],
      [467, "TRANSACTION_NOT_VERIFIED"],
      [468, "HASH_NOT_ALLOWED"],
    ] as const
  ).map(
    ([status, code]) =>
      [
        `a ${status}`,
        reply(status, { error_code: "ERR-01-006", message: "no" }),
        { code, sends: 1, retryable: status === 467 },
        { code, sends: 1, retryable: status === 467 },
      ] as const,
  ),
  [
    "a reply over the cap by its own word",
    reply(200, "{", { "content-length": 9 * 1024 * 1024 }),
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
  ],
  [
    "a reply over the cap without a word",
    {
      onRequest(socket) {
        socket.write("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
        const pour = (): void => {
          while (!socket.destroyed && socket.write(" ".repeat(64 * 1024)));
        };
        socket.on("drain", pour);
        pour();
      },
    },
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
  ],
];

describe.each(matrix)("%s", (_name, fault, read, write) => {
  it.each([
    ["read", READ, read],
    ["write", WRITE, write],
  ] as const)("ends a %s as the catalogue says", async (_kind, query, expected) => {
    const { answer, error, upstream } = await send(fault, query, {
      UPSTREAM_READ_TIMEOUT_MS: "2500",
      UPSTREAM_WRITE_TIMEOUT_MS: "2500",
      ...(/hang|trickle/.test(_name) ? BUDGETS : {}),
    });
    expect(error?.code ?? null).toBe(expected.code);
    expect(upstream.countHeads()).toBe(expected.sends);
    if (expected.retryable !== undefined) expect(error?.["retryable"]).toBe(expected.retryable);
    if (expected.retryAfterMs !== undefined) expect(error?.["retryAfterMs"]).toBe(expected.retryAfterMs);
    if (expected.code === null) expect(answer.data.configureCvm.__typename).toBe("OnChainHashRequired");
    expect(JSON.stringify(answer)).not.toContain("canary-key-1234");
  });
});

describe("a refused connection", () => {
  it.each([
    ["read", READ],
    ["write", WRITE],
  ])("ends a %s with the word that nothing was sent", async (_kind, query) => {
    const upstream = await startRawUpstream({});
    await upstream.stop();
    const { app, close } = createGateway(upstream.url);
    const { errors } = await ask(app, query);
    expect(errors?.[0]).toMatchObject({
      message: "The gateway cannot reach the REST API. Nothing was sent.",
      extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true },
    });
    await close();
  });
});

describe("a connection that ends during the TLS handshake", () => {
  it.each([
    ["is cut", (socket: Socket) => void socket.resetAndDestroy()],
    ["meets a server without TLS", (socket: Socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ])("and %s proves that nothing was sent", async (_name, onConnection) => {
    await using server = await listen(createServer(onConnection));
    const { app, close } = createGateway(`https://127.0.0.1:${server.port}`);
    const { errors } = await ask(app, WRITE);
    expect(errors?.[0]?.message).toBe("The gateway cannot reach the REST API. Nothing was sent.");
    await close();
  });
});

describe("a redirect to another origin", () => {
  it.each([301, 302, 307, 308])("with %i is refused, and the credential stays", async (status) => {
    await using other = await startRawUpstream(reply(200, {}));
    for (const query of [READ, WRITE]) {
      const { error, upstream } = await send(reply(status, "", { location: `${other.url}/steal` }), query);
      expect(error?.code).toBe("UPSTREAM_REFUSED");
      expect(upstream.requests).toHaveLength(1);
    }
    expect(other.countHeads()).toBe(0);
  });
});

describe("a second answer on one connection", () => {
  it("is never taken for the answer of the next request", async () => {
    const poison = JSON.stringify({ items: [], total: 666, page: 1, page_size: 1, pages: 1 });
    const good = poison.replace("666", "1");
    await using upstream = await startRawUpstream({
      onRequest(socket, _request, count) {
        writeReply(socket, 200, good);
        if (count === 1) writeReply(socket, 200, poison);
      },
    });
    const { app, close } = createGateway(upstream.url);
    for (let round = 0; round < 3; round += 1) {
      const { data } = await ask(app, "{ cvms(first: 1) { totalCount } }");
      expect(data.cvms.totalCount).toBe(1);
    }
    await close();
  });
});

describe("a client that leaves", () => {
  const leaveAfterArrival = async (query: string) => {
    const arrival = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    let closedEarly = false;
    await using upstream = await startRawUpstream({
      onRequest(socket) {
        socket.on("close", () => {
          closedEarly = true;
        });
        arrival.resolve();
        void gone.promise.then(() => writeReply(socket, 202, JSON.stringify({ status: "in_progress" })));
      },
    });
    const { app, close } = createGateway(upstream.url);
    const controller = new AbortController();
    const answer = Promise.resolve(
      app.fetch("http://gateway.test/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": "k" },
        body: JSON.stringify({ query }),
        signal: controller.signal,
      }),
    ).catch(() => undefined);
    await arrival.promise;
    controller.abort();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const aborted = closedEarly;
    gone.resolve();
    await answer;
    await close();
    return { aborted, sends: upstream.countHeads() };
  };

  it("takes its read along", async () => {
    expect(await leaveAfterArrival(READ)).toEqual({ aborted: true, sends: 1 });
  });

  it("does not take back a write that was sent", async () => {
    expect(await leaveAfterArrival(WRITE)).toEqual({ aborted: false, sends: 1 });
  });
});
