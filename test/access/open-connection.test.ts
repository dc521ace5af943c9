import { setTimeout as sleep } from "node:timers/promises";
import { createClient as createWsClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { CONFIGURE, setVcpu } from "../support/mutations.ts";
import { createRules, SERVER_KEYS } from "../support/sign-in/access-file.ts";
import { listWrites, startSignIn } from "../support/sign-in/gateway.ts";
import { openTransport } from "../support/sign-in/transports.ts";
import { until } from "../support/streaming-gateway.ts";

const READ = "{ viewer { permissions } cvms(first: 1) { totalCount } }";
/** Keeps a connection open, as a client closes one on which nothing runs. */
const KEEP_OPEN = 'subscription { cvmState(id: "web-phala") { status } }';
const releaser = { groups: ["releasers"] };

describe.each(["WebSocket", "one stream of server-sent events"] as const)("an open %s", (transport) => {
  it("sees a role that was taken away and a key that was replaced, writes included", async () => {
    await using gateway = await startSignIn();
    const token = await gateway.provider.sign("rita", releaser);
    const sender = openTransport(transport, gateway.url, { authorization: `Bearer ${token}` });
    void sender.send(KEEP_OPEN);
    await until(() => gateway.watches.count() === 1);
    expect((await sender.send(READ))[0]?.data.viewer.permissions).toContain("CONFIGURE");

    await gateway.file.writeKey("sandbox-replaced-key");
    await gateway.access.reload();
    gateway.takeCalls();
    expect((await sender.send("{ cvms(first: 1) { totalCount } }"))[0]?.errors).toBeUndefined();
    const keys = gateway.takeCalls().filter(({ path }) => path.startsWith("/cvms/paginated"));
    expect(new Set(keys.map(({ headers }) => headers["x-api-key"]))).toEqual(
      new Set(["sandbox-replaced-key"]),
    );

    const rules = createRules(gateway.provider.issuer);
    await gateway.file.write({ ...rules, roles: { ...rules.roles, releaser: { allow: ["read"] } } });
    await gateway.access.reload();
    gateway.takeCalls();
    expect((await sender.send(setVcpu("web-phala")))[0]?.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
    await gateway.file.write({ ...rules, grants: rules.grants.filter(({ has }) => has !== "releasers") });
    await gateway.access.reload();
    const [refused] = await sender.send(READ);
    // A stream of server-sent events refuses the request itself, and its client reads the status only.
    expect(refused?.data).toBeUndefined();
    expect(refused?.errors).toHaveLength(1);
    expect(listWrites(gateway.takeCalls())).toEqual([]);
    sender.close();
  });
});

describe("a WebSocket without a token", () => {
  it("is closed with what to send, and never asks for a key", async () => {
    await using gateway = await startSignIn();
    const reasons: string[] = [];
    const client = createWsClient({
      url: gateway.url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      connectionParams: { "x-api-key": SERVER_KEYS.production },
      lazy: false,
      retryAttempts: 0,
      onNonLazyError: () => undefined,
      on: { closed: (event) => void reasons.push(Object(event).reason) },
    });
    await until(() => reasons.length > 0);
    expect(reasons[0]).toBe(
      "This gateway needs a token of your sign-in. Send it in connectionParams, as authorization: Bearer.",
    );
    await client.dispose();
  });
});

describe("a write that waits for its turn", () => {
  it("ends when its token expires, and nothing is sent", async () => {
    await using gateway = await startSignIn();
    const { id } = (
      await gateway.ask(await gateway.provider.sign("rita", releaser), '{ cvm(id: "web-phala") { id } }')
    ).data.cvm;
    const held = Promise.withResolvers<void>();
    gateway.upstream.answer = async ({ method }, forward) => {
      if (method === "PATCH") await held.promise;
      return forward();
    };
    const first = gateway.ask(await gateway.provider.sign("rolf", releaser), setVcpu(id, 4));
    await until(() => listWrites(gateway.takeCalls()).length === 1);
    const begin = performance.now();
    const token = await gateway.provider.sign("rita", releaser, { expiresIn: 2 });
    const { errors } = await gateway.ask(token, setVcpu(id, 8));
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining("expired while this write waited. Nothing was applied."),
        extensions: { code: "UNAUTHENTICATED" },
      },
    ]);
    expect(performance.now() - begin).toBeLessThan(3_000);
    held.resolve();
    expect((await first).errors).toBeUndefined();
    expect(listWrites(gateway.takeCalls())).toEqual([]);
    expect(gateway.cvmLocks.size).toBe(0);
  });

  it("for the first one with its idempotency key ends when its own token expires", async () => {
    await using gateway = await startSignIn();
    const held = Promise.withResolvers<void>();
    gateway.upstream.answer = async ({ method }, forward) => {
      if (method === "PATCH") await held.promise;
      return forward();
    };
    const input = { id: "web-phala", vcpu: 4, idempotencyKey: "the-same" };
    const first = gateway.ask(await gateway.provider.sign("rita", releaser), CONFIGURE, { input });
    await until(() => listWrites(gateway.takeCalls()).length === 1);
    const token = await gateway.provider.sign("rita", releaser, { expiresIn: 1 });
    expect((await gateway.ask(token, CONFIGURE, { input })).errors).toMatchObject([
      {
        message: expect.stringContaining("send it again with the same key"),
        extensions: { code: "UNAUTHENTICATED" },
      },
    ]);
    held.resolve();
    const { data } = await first;
    expect(data.configureCvm.status).toBe("IN_PROGRESS");
    const again = await gateway.ask(await gateway.provider.sign("rita", releaser), CONFIGURE, { input });
    expect(again.data.configureCvm.correlationId).toBe(data.configureCvm.correlationId);
    expect(listWrites(gateway.takeCalls())).toEqual([]);
  });

  it("is refused when its CVM gets a name that the role does not cover", async () => {
    await using gateway = await startSignIn();
    const operator = await gateway.provider.sign("olga", { groups: ["platform"] });
    const { id } = (await gateway.ask(operator, '{ cvm(id: "web-phala") { id } }')).data.cvm;
    const held = Promise.withResolvers<void>();
    let isRenamed = false;
    gateway.upstream.answer = async ({ method, path }, forward) => {
      if (method === "PATCH") await held.promise;
      const hasOtherName = isRenamed;
      const reply = await forward();
      if (!hasOtherName || method !== "GET" || !path.startsWith("/cvms/")) return reply;
      return { ...reply, body: String(reply.body).replaceAll('"web-phala"', '"db-phala"') };
    };
    const first = gateway.ask(await gateway.provider.sign("rita", releaser), setVcpu(id, 4));
    await until(() => listWrites(gateway.takeCalls()).length === 1);
    const second = gateway.ask(operator, setVcpu(id, 8));
    await until(() => gateway.takeCalls().length === 1);
    await sleep(100);
    isRenamed = true;
    held.resolve();
    expect((await first).errors).toBeUndefined();
    expect((await second).errors?.[0]?.extensions.code).toBe("FORBIDDEN");
    expect(listWrites(gateway.takeCalls())).toEqual([]);
  });
});

describe("a write that waits", () => {
  it("is not sent after its token has expired", async () => {
    await using gateway = await startSignIn();
    const other = await gateway.provider.sign("rolf", releaser);
    expect((await gateway.ask(other, setVcpu("web-phala", 4))).errors).toBeUndefined();
    gateway.takeCalls();
    const token = await gateway.provider.sign("rita", releaser, { expiresIn: 2 });
    const input = { id: "web-phala", vcpu: 8, waitIfBusySeconds: 20 };
    const begin = performance.now();
    expect((await gateway.ask(token, CONFIGURE, { input })).errors).toMatchObject([
      {
        message: expect.stringContaining("expired while this write waited. Nothing was applied."),
        extensions: { code: "UNAUTHENTICATED" },
      },
    ]);
    // It does not wait for the next look at the CVM.
    expect(performance.now() - begin).toBeLessThan(3_000);
    expect(listWrites(gateway.takeCalls())).toEqual([]);
  });
});
