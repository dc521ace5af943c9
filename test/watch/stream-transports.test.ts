import { setTimeout as sleep } from "node:timers/promises";
import { createClient as createWsClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { streamClients } from "../support/stream-clients.ts";
import {
  FOLLOW,
  KEY,
  openStream,
  startStreamingGateway,
  until,
  WATCH,
} from "../support/streaming-gateway.ts";

const MULTIPART = 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0",application/json';
const SECRET = "hunter2-never-shown";

function post(
  url: string,
  accept: string,
  query: string,
  headers: Record<string, string> = { "x-api-key": KEY },
) {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept, ...headers },
    body: JSON.stringify({ query, variables: { id: "web-phala" } }),
  });
}

async function readText(response: Response, enough: (text: string) => boolean): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (enough(text)) break;
  }
  return text;
}

/** Sends messages on a bare socket. @returns what came back, and the close code. */
async function talk(url: string, protocol: string, messages: readonly unknown[], waitMs = 300) {
  const socket = new WebSocket(url.replace("http", "ws"), protocol);
  const heard: { type: string; id?: string; payload?: unknown }[] = [];
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  socket.on("message", (data) => heard.push(JSON.parse(String(data))));
  socket.on("error", () => undefined);
  await Promise.race([closed, new Promise((resolve) => socket.once("open", resolve))]);
  for (const [index, message] of messages.entries()) {
    if (index > 0) await until(() => heard.length >= index);
    if (socket.readyState === socket.OPEN) {
      socket.send(typeof message === "string" ? message : JSON.stringify(message));
    }
  }
  const code = await Promise.race([closed, sleep(waitMs, null)]);
  socket.terminate();
  return { heard, code };
}

describe("a stream over HTTP", () => {
  it.each([
    ["text/event-stream", "text/event-stream; charset=utf-8", ":\n\n"],
    [MULTIPART, "multipart/mixed; boundary=graphql; subscriptionSpec=1.0", "{}\r\n--graphql"],
  ])(
    "as %s is neither cached, changed nor held back, and gives signs of life",
    async (accept, type, beat) => {
      await using gateway = await startStreamingGateway();
      const response = await post(gateway.url, accept, WATCH);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe(type);
      expect(response.headers.get("cache-control")).toBe("no-cache, no-transform");
      expect(response.headers.get("x-accel-buffering")).toBe("no");
      expect(response.headers.get("x-request-id")).toBeTruthy();
      const text = await readText(response, (all) => all.split(beat).length > 4);
      expect(text).toContain('"RUNNING"');
    },
  );

  it("has a sign of life within 10 s whatever the settings say", async () => {
    await expect(startStreamingGateway({ STREAM_HEARTBEAT_MS: "12000" })).rejects.toThrow(
      "STREAM_HEARTBEAT_MS",
    );
  });

  it("tells a refusal in the protocol's own way", async () => {
    await using gateway = await startStreamingGateway();
    const query = 'subscription { cvmState(id: "no-such-cvm") { status } }';
    const sse = await post(gateway.url, "text/event-stream", query);
    expect(await sse.text()).toMatch(/^(:\n\n)?event: next\ndata: .*"NOT_FOUND".*\n\nevent: complete/);
    const multipart = await post(gateway.url, MULTIPART, query);
    expect((await multipart.json()).errors[0].extensions.code).toBe("NOT_FOUND");
  });

  it("closes a multipart body with the protocol's error when its CVM is taken away", async () => {
    await using gateway = await startStreamingGateway();
    const response = await post(gateway.url, MULTIPART, WATCH);
    const text = response.text();
    await until(() => gateway.proxy.calls.length > 2);
    await gateway.call("DELETE", "/cvms/web-phala");
    expect(await text).toMatch(
      /\{"payload":null,"errors":\[\{"message":.*"NOT_FOUND".*\]\}\r\n--graphql--\r\n$/,
    );
  });

  it("outlives the deadline of a request, for what its events read too", async () => {
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

  it("needs a credential before anything is sent", async () => {
    await using gateway = await startStreamingGateway();
    const response = await post(gateway.url, "text/event-stream", WATCH, {});
    expect(await response.text()).toContain('"UNAUTHENTICATED"');
    expect(gateway.proxy.calls).toEqual([]);
  });
});

describe("a WebSocket", () => {
  const init = { type: "connection_init", payload: { "X-API-Key": KEY } };
  const run = (query: string, variables: unknown = {}) => ({
    type: "subscribe",
    id: "1",
    payload: { query, variables },
  });

  it("carries queries, mutations and subscriptions", async () => {
    await using gateway = await startStreamingGateway();
    const client = createWsClient({
      url: gateway.url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${KEY}` },
    });
    const [read] = await Array.fromAsync(client.iterate({ query: '{ cvm(id: "web-phala") { name } }' }));
    expect(read).toEqual({ data: { cvm: { name: "web-phala" } } });
    const [written] = await Array.fromAsync(
      client.iterate({
        query: 'mutation { configureCvm(input: { id: "web-phala", vcpu: 8 }) { __typename } }',
      }),
    );
    expect(written).toEqual({ data: { configureCvm: { __typename: "InProgress" } } });
    await client.dispose();
  });

  it("takes the credential of the upgrade where connectionParams have none", async () => {
    await using gateway = await startStreamingGateway();
    class WithKey extends WebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols, { headers: { "x-api-key": KEY } });
      }
    }
    const client = createWsClient({ url: gateway.url.replace("http", "ws"), webSocketImpl: WithKey });
    const [read] = await Array.fromAsync(client.iterate({ query: '{ cvm(id: "web-phala") { name } }' }));
    expect(read).toEqual({ data: { cvm: { name: "web-phala" } } });
    await client.dispose();
  });

  it("answers UNAUTHENTICATED without a credential", async () => {
    await using gateway = await startStreamingGateway();
    const { heard } = await talk(gateway.url, "graphql-transport-ws", [
      { type: "connection_init" },
      run(WATCH, { id: "x" }),
    ]);
    expect(heard[1]).toMatchObject({
      type: "error",
      payload: [{ extensions: { code: "UNAUTHENTICATED", requestId: expect.any(String) } }],
    });
    expect(gateway.proxy.calls).toEqual([]);
  });

  it.each([
    ["a syntax error", `{ cvm(id: "${SECRET}" }`, {}, "GRAPHQL_PARSE_FAILED"],
    ["an unknown field", "{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED"],
    ["a wrong variable", WATCH, { id: { secret: SECRET } }, "BAD_USER_INPUT"],
    [
      "a wrong literal",
      `subscription { cvmState(id: { a: "${SECRET}" }) { status } }`,
      {},
      "GRAPHQL_VALIDATION_FAILED",
    ],
  ])("tells %s as HTTP does, without the value", async (_name, query, variables, code) => {
    await using gateway = await startStreamingGateway();
    const { heard } = await talk(gateway.url, "graphql-transport-ws", [init, run(query, variables)]);
    expect(heard[1]).toMatchObject({ type: "error", payload: [{ extensions: { code } }] });
    expect(JSON.stringify(heard)).not.toContain(SECRET);
    expect(JSON.stringify(heard)).not.toContain('"http"');
  });

  it.each([
    ["another subprotocol", "graphql-ws", [init], 4406],
    ["no initialisation", "graphql-transport-ws", [run(WATCH)], 4401],
    ["a message that is not JSON", "graphql-transport-ws", ["{"], 4400],
    ["a message that is too large", "graphql-transport-ws", [`"${"x".repeat(5 * 1024 * 1024)}"`], 1009],
  ])("is closed on %s", async (_name, protocol, messages, expected) => {
    await using gateway = await startStreamingGateway();
    const { code } = await talk(gateway.url, protocol, messages, 2_000);
    // A client that asked for another subprotocol closes by itself when it is not granted.
    expect([expected, ...(expected === 4406 ? [1006] : [])]).toContain(code);
  });

  it("is only found at /graphql", async () => {
    await using gateway = await startStreamingGateway();
    const socket = new WebSocket(`${gateway.url.replace("http", "ws")}/other`, "graphql-transport-ws");
    const error = await new Promise<Error>((resolve) => socket.once("error", resolve));
    expect(error.message).toContain("404");
  });
});

describe("a single connection", () => {
  const token = async (url: string, key: string) => {
    const response = await fetch(url, { method: "PUT", headers: { "x-api-key": key } });
    return { status: response.status, token: await response.text() };
  };
  const start = (url: string, key: string, streamToken: string, query: string) =>
    fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-api-key": key,
        "x-graphql-event-stream-token": streamToken,
      },
      body: JSON.stringify({ query, variables: { id: "web-phala" }, extensions: { operationId: "one" } }),
    });

  it("is reserved with a credential, and serves no other", async () => {
    await using gateway = await startStreamingGateway();
    expect((await fetch(gateway.url, { method: "PUT" })).status).toBe(401);
    const mine = await token(gateway.url, KEY);
    expect(mine.status).toBe(201);
    expect((await start(gateway.url, "sandbox-other", mine.token, WATCH)).status).toBe(404);
    const stolen = await fetch(`${gateway.url}?token=${mine.token}`, {
      headers: { accept: "text/event-stream", "x-api-key": "sandbox-other" },
    });
    expect(stolen.status).toBe(404);
    expect((await start(gateway.url, KEY, mine.token, WATCH)).status).toBe(202);
  });

  it("tells every error of an operation on its stream, without values", async () => {
    await using gateway = await startStreamingGateway();
    const mine = await token(gateway.url, KEY);
    const query = `subscription { cvmState(id: { a: "${SECRET}" }) { status } }`;
    expect((await start(gateway.url, KEY, mine.token, query)).status).toBe(202);
    const response = await fetch(`${gateway.url}?token=${mine.token}`, {
      headers: { accept: "text/event-stream", "x-api-key": KEY },
    });
    expect(response.headers.get("x-accel-buffering")).toBe("no");
    const text = await readText(
      response,
      (all) => all.includes("event: complete") && all.split(":\n\n").length > 3,
    );
    expect(text).toContain('"GRAPHQL_VALIDATION_FAILED"');
    expect(text).not.toContain(SECRET);
  });

  it("runs nothing that came by GET", async () => {
    await using gateway = await startStreamingGateway();
    const mine = await token(gateway.url, KEY);
    const mutation = encodeURIComponent(
      'mutation { configureCvm(input: { id: "web-phala", vcpu: 8 }) { __typename } }',
    );
    const response = await fetch(
      `${gateway.url}?token=${mine.token}&query=${mutation}&extensions={"operationId":"1"}`,
      {
        headers: { "x-api-key": KEY },
      },
    );
    expect(response.status).toBe(405);
    expect(gateway.proxy.calls).toEqual([]);
  });
});

describe("limits", () => {
  it("say RATE_LIMITED over every transport before anything is sent, and count streams that are left", async () => {
    await using gateway = await startStreamingGateway({ MAX_STREAMS_PER_CALLER: "1" });
    const first = await openStream(gateway.app, WATCH, { id: "web-phala" });
    await first.next();
    const calls = gateway.proxy.calls.filter((call) => call.startsWith("GET")).length;
    for (const [name, client] of Object.entries(streamClients)) {
      // This one sends the key as a bearer token, which is another credential.
      if (name === "urql over graphql-ws") continue;
      const following = client(gateway.url, KEY, WATCH, { id: "no-script" });
      const outcome = await Promise.race([
        following.done.then(
          () => JSON.stringify(following.told),
          (error) => JSON.stringify([error, error.errors, error.graphQLErrors]),
        ),
        until(() => following.told.length > 0).then(() => JSON.stringify(following.told)),
      ]);
      expect(outcome, name).toContain("RATE_LIMITED");
      following.leave();
    }
    const other = await openStream(gateway.app, WATCH, { id: "web-phala" }, { "x-api-key": "sandbox-other" });
    expect((await other.next()).errors).toBeUndefined();
    await other.leave();
    expect(gateway.proxy.calls.filter((call) => call.startsWith("GET")).length).toBe(calls + 1);
    await first.leave();
    await until(async () => {
      const again = await openStream(gateway.app, WATCH, { id: "web-phala" });
      const { errors } = await again.next();
      await again.leave();
      return errors === undefined;
    });
  });

  it("hold for the whole process as well", async () => {
    await using gateway = await startStreamingGateway({ MAX_STREAMS: "1" });
    const first = await openStream(gateway.app, WATCH, { id: "web-phala" });
    await first.next();
    const other = await openStream(gateway.app, WATCH, { id: "web-phala" }, { "x-api-key": "sandbox-other" });
    const { errors } = await other.next();
    expect(errors[0].extensions).toMatchObject({ code: "RATE_LIMITED", retryable: true, retryAfterMs: 5000 });
    await first.leave();
  });
});

describe("a gateway that stops", () => {
  it("lets streams go, so that it ends at once and its clients come back elsewhere", async () => {
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
    // Without `complete` the clients of this protocol connect again.
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
    "hands out the result of a write that runs over %s before it lets go, since the client would send it again",
    async (name) => {
      await using gateway = await startStreamingGateway();
      const write = 'mutation { configureCvm(input: { id: "fails-slow", vcpu: 8 }) { __typename } }';
      const following = streamClients[name]?.(gateway.url, KEY, write);
      await until(() => gateway.proxy.calls.length === 1);
      const draining = gateway.drain(10_000);
      await sleep(150);
      await gateway.jump(61_000);
      await following?.done;
      expect(following?.told).toEqual([{ data: { configureCvm: { __typename: "InProgress" } } }]);
      expect(await draining).toBe(true);
      expect(gateway.proxy.calls).toEqual(["PATCH /cvms/fails-slow"]);
    },
  );

  it.each(["graphql-sse, distinct connections", "graphql-sse, single connection", "graphql-ws"])(
    "makes %s report a broken connection, which these clients retry, and no completion",
    async (name) => {
      await using gateway = await startStreamingGateway();
      const following = streamClients[name]?.(gateway.url, KEY, WATCH, { id: "web-phala" });
      await until(() => following?.told.length === 1);
      await gateway.drain(10_000);
      await expect(following?.done).rejects.toBeTruthy();
    },
  );
});
