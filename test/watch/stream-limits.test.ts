import { describe, expect, it, vi } from "vitest";
import { createReservations } from "../../src/server/transports/sse/reservations.ts";
import { streamClients } from "../support/stream-clients.ts";
import { KEY, openStream, startStreamingGateway, until, WATCH } from "../support/streaming-gateway.ts";

describe("the limit of streams", () => {
  it("fails with RATE_LIMITED over every transport before any upstream call, and is freed when a stream ends", async () => {
    await using gateway = await startStreamingGateway({ MAX_STREAMS_PER_CALLER: "1" });
    const first = await openStream(gateway.app, WATCH, { id: "web-phala" });
    await first.next();
    const calls = gateway.proxy.calls.filter((call) => call.startsWith("GET")).length;
    for (const [name, client] of Object.entries(streamClients)) {
      // This client sends the key as a bearer token, which is another credential.
      if (name === "urql over graphql-ws") continue;
      const following = client(gateway.url, KEY, WATCH, { id: "no-script" });
      const outcome = await Promise.race([
        following.done.then(
          () => JSON.stringify(following.received),
          (error) => JSON.stringify([error, error.errors, error.graphQLErrors]),
        ),
        until(() => following.received.length > 0).then(() => JSON.stringify(following.received)),
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

  it("applies to the whole process as well", async () => {
    await using gateway = await startStreamingGateway({ MAX_STREAMS: "1" });
    const first = await openStream(gateway.app, WATCH, { id: "web-phala" });
    await first.next();
    const other = await openStream(gateway.app, WATCH, { id: "web-phala" }, { "x-api-key": "sandbox-other" });
    const { errors } = await other.next();
    expect(errors[0].extensions).toMatchObject({ code: "RATE_LIMITED", retryable: true, retryAfterMs: 5000 });
    await first.leave();
  });

  it("lets no caller reserve the single connections of others", async () => {
    await using gateway = await startStreamingGateway({ MAX_STREAMS_PER_CALLER: "3", MAX_STREAMS: "5" });
    const reserve = async (key: string) =>
      (await fetch(gateway.url, { method: "PUT", headers: { "x-api-key": key } })).status;
    const attempts = await Promise.all(Array.from({ length: 8 }, () => reserve(KEY)));
    expect(attempts.filter((status) => status === 201)).toHaveLength(3);
    expect(attempts.filter((status) => status === 503)).toHaveLength(5);
    expect([await reserve("sandbox-b"), await reserve("sandbox-b")]).toEqual([201, 201]);
    expect(await reserve("sandbox-c")).toBe(503);
  });

  it("lets no address reserve single connections without end, whatever credentials it makes up", async () => {
    await using gateway = await startStreamingGateway({
      MAX_SOCKETS_PER_ADDRESS: "3",
      TRUSTED_PROXIES: "127.0.0.1",
    });
    const reserve = async (key: string, address: string) => {
      const headers = { "x-api-key": key, "x-forwarded-for": address };
      const response = await fetch(gateway.url, { method: "PUT", headers });
      return { status: response.status, token: await response.text() };
    };
    const attempts = await Promise.all(
      Array.from({ length: 5 }, (_, index) => reserve(`sandbox-made-up-${index}`, "198.51.100.1")),
    );
    expect(attempts.map(({ status }) => status).toSorted()).toEqual([201, 201, 201, 429, 429]);
    const other = await reserve("sandbox-b", "198.51.100.2");
    expect(other.status).toBe(201);
    const opened = await fetch(`${gateway.url}?token=${other.token}`, {
      headers: {
        "x-api-key": "sandbox-b",
        "x-forwarded-for": "198.51.100.2",
        accept: "text/event-stream",
      },
    });
    expect(opened.status).toBe(200);
    const open = async () => (await reserve("sandbox-c", "198.51.100.2")).status;
    expect([await open(), await open(), await open()]).toEqual([201, 201, 429]);
    await opened.body?.cancel();
    await until(async () => (await open()) === 201);
  });

  it("frees a single connection that is not opened within ten seconds, and none that is open", () => {
    vi.useFakeTimers();
    try {
      const expired: string[] = [];
      const reservations = createReservations({ perCaller: 2, perAddress: 0, all: 5 }, (token) =>
        expired.push(token),
      );
      const left = reservations.add("caller", "127.0.0.1");
      reservations.keep(reservations.add("caller", "127.0.0.1"));
      expect(reservations.isFull("caller")).toBe(true);
      vi.advanceTimersByTime(10_000);
      expect(expired).toEqual([left]);
      expect(reservations.isFull("caller")).toBe(false);
      reservations.add("caller", "127.0.0.1");
      expect(reservations.isFull("caller")).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});
