import { setTimeout as sleep } from "node:timers/promises";
import { createClient as createWsClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type SignInGateway, startSignIn } from "../support/sign-in/gateway.ts";
import { openTransport, type Transport, transports } from "../support/sign-in/transports.ts";
import { until, WATCH } from "../support/streaming-gateway.ts";

const READ = "{ cvms(first: 1) { totalCount } }";
const viewers = { groups: ["programs"] };

let gateway: SignInGateway;
beforeAll(async () => {
  gateway = await startSignIn();
});
afterAll(() => gateway[Symbol.asyncDispose]());

describe("a subscription", () => {
  it("ends with UNAUTHENTICATED over every transport when its token expires", async () => {
    const headers = async (expiresIn?: number) => ({
      authorization: `Bearer ${await gateway.provider.sign("bob", viewers, { expiresIn })}`,
    });
    const follow = async (transport: Transport) => {
      // The first stream loads what this transport needs.
      const warm = openTransport(transport, gateway.url, await headers());
      await warm.send(READ);
      warm.close();
      const sender = openTransport(transport, gateway.url, await headers(3));
      const results = await sender.send(WATCH, { id: "web-phala" });
      sender.close();
      return results;
    };
    const all = await Promise.all(transports.filter((transport) => transport !== "HTTP POST").map(follow));
    for (const [first, second, ...rest] of all) {
      expect(first?.data?.cvmState.status).toBe("RUNNING");
      expect(second?.errors).toMatchObject([
        { message: expect.stringContaining("expired"), extensions: { code: "UNAUTHENTICATED" } },
      ]);
      expect(rest).toEqual([]);
    }
    await until(() => gateway.watches.count() === 0);
  });

  it("counts for its caller, and all callers of one workspace share one poll", async () => {
    await using own = await startSignIn({ environment: { MAX_STREAMS_PER_CALLER: "1" } });
    const open = async (subject: string) => {
      const token = await own.provider.sign(subject, viewers);
      const sender = openTransport("WebSocket", own.url, { authorization: `Bearer ${token}` });
      return { sender, done: sender.send(WATCH, { id: "web-phala" }) };
    };
    const first = await open("bob");
    await until(() => own.watches.count() === 1);
    const [refused] = await (await open("bob")).done;
    expect(refused?.errors?.[0]?.extensions.code).toBe("RATE_LIMITED");
    const second = await open("carol");
    await until(() => own.watches.count() === 2);
    own.takeCalls();
    await sleep(300);
    const polls = own.takeCalls().filter(({ path }) => path === "/status/batch");
    expect(polls.length).toBeGreaterThan(2);
    // Two polls of their own would be twice as many.
    expect(polls.length).toBeLessThan(25);
    for (const { sender } of [first, second]) sender.close();
  });
});

describe("a WebSocket", () => {
  const connect = (token: string | null) => {
    const closes: { code: number; reason: string }[] = [];
    const client = createWsClient({
      url: gateway.url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      connectionParams: token === null ? {} : { Authorization: `Bearer ${token}` },
      lazy: false,
      retryAttempts: 0,
      onNonLazyError: () => undefined,
      on: {
        closed: (event) => {
          const { code, reason } = Object(event);
          closes.push({ code, reason });
        },
      },
    });
    return { client, closes };
  };

  it("with a token that is not accepted is closed with 4403, and says why", async () => {
    for (const token of ["a.b.c", await gateway.provider.sign("bob", viewers, { expiresIn: -1 })]) {
      const { client, closes } = connect(token);
      await until(() => closes.length > 0);
      expect(closes[0]).toEqual({ code: 4403, reason: "This token is not accepted. Sign in again." });
      await client.dispose();
    }
  });

  it("is closed with 4403 when its token expires and nothing runs", async () => {
    const { client, closes } = connect(await gateway.provider.sign("bob", viewers, { expiresIn: 2 }));
    const results = await Array.fromAsync(client.iterate({ query: READ }));
    expect(results[0]?.errors).toBeUndefined();
    await until(() => closes.length > 0);
    expect(closes[0]?.code).toBe(4403);
    await client.dispose();
  });
});

describe("a stream that was reserved on one connection", () => {
  it("belongs to its caller: another caller of the same workspace cannot use it", async () => {
    const headers = async (subject: string) => ({
      authorization: `Bearer ${await gateway.provider.sign(subject, viewers)}`,
    });
    const reserved = await fetch(gateway.url, { method: "PUT", headers: await headers("bob") });
    const token = await reserved.text();
    expect(reserved.status).toBe(201);
    const open = async (subject: string) => {
      const controller = new AbortController();
      const { status } = await fetch(gateway.url, {
        headers: {
          ...(await headers(subject)),
          accept: "text/event-stream",
          "x-graphql-event-stream-token": token,
        },
        signal: controller.signal,
      });
      controller.abort();
      return status;
    };
    expect(await open("carol")).toBe(404);
    expect(await open("bob")).toBe(200);
  });

  it("is refused with the status and the code of the reason", async () => {
    const reserve = async (headers: Record<string, string>) => {
      const response = await fetch(gateway.url, { method: "PUT", headers });
      const { errors } = await response.json();
      expect(errors[0].extensions.requestId).toBe(response.headers.get("x-request-id"));
      return [response.status, errors[0].extensions.code];
    };
    const bearer = async (claims: object) => ({
      authorization: `Bearer ${await gateway.provider.sign("bob", { ...claims })}`,
    });
    expect(await reserve({ authorization: "Bearer a.b.c" })).toEqual([401, "UNAUTHENTICATED"]);
    expect(await reserve({})).toEqual([401, "UNAUTHENTICATED"]);
    expect(await reserve(await bearer({}))).toEqual([403, "FORBIDDEN"]);
    const several = await bearer({ groups: ["planners", "testers"] });
    expect(await reserve(several)).toEqual([400, "BAD_USER_INPUT"]);
    gateway.provider.interrupt();
    await gateway.provider.rotate("unreachable");
    const unknown = await bearer(viewers);
    gateway.provider.interrupt();
    expect(await reserve(unknown)).toEqual([503, "SIGN_IN_UNAVAILABLE"]);
    gateway.provider.resume();
  });
});
