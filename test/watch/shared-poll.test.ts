import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { streamClients } from "../support/stream-clients.ts";
import {
  FOLLOW,
  KEY,
  openStream,
  startStreamingGateway,
  until,
  WATCH,
} from "../support/streaming-gateway.ts";

/** An interval so long that only requested polls happen. */
const NEVER = { WATCH_INTERVAL_MS: "600000" };

type Gateway = Awaited<ReturnType<typeof startStreamingGateway>>;

const credential = (secret: string) => ({ scheme: "apiKey", secret, workspace: null }) as const;

async function openStates(gateway: Gateway, ids: readonly string[]) {
  const streams = await Promise.all(ids.map((id) => openStream(gateway.app, WATCH, { id })));
  await Promise.all(streams.map((stream) => stream.next()));
  return streams;
}

describe("the shared poll", () => {
  /** Return the upstream calls of `count` subscribers to 20 CVMs through five steps of a restart. */
  async function countCalls(count: number) {
    await using gateway = await startStreamingGateway(NEVER);
    const response = await gateway.call("GET", "/cvms/paginated?page_size=100");
    const { items } = await response.json();
    const names: string[] = items
      .map(({ name }: { name: string }) => name)
      .filter((name: string) => !/^fails|twin/.test(name))
      .slice(0, 20);
    expect(new Set(names).size).toBe(20);
    const correlationId = await gateway.update("web-phala");
    await gateway.clearJournal();
    gateway.proxy.calls.length = 0;
    const streams = await openStates(
      gateway,
      Array.from({ length: count }, (_, index) => names[index % 20] ?? ""),
    );
    const followers = await Promise.all(
      Array.from({ length: count / 20 }, () =>
        openStream(gateway.app, FOLLOW, { cvmId: "web-phala", correlationId }),
      ),
    );
    await Promise.all(followers.map((follower) => follower.next()));
    const start = gateway.proxy.calls.splice(0);
    for (let step = 0; step < 5; step += 1) {
      const waiting = followers.map((follower) => follower.next());
      await gateway.jump(2_000);
      gateway.watches.pollSoon(credential(KEY));
      const received = await Promise.all(waiting);
      expect(new Set(received.map((one) => JSON.stringify(one))).size).toBe(1);
    }
    await Promise.all([...streams, ...followers].map((stream) => stream.leave()));
    return { start, steps: gateway.proxy.calls };
  }

  it("makes the same upstream calls for 20 and for 1,000 subscribers", async () => {
    const few = await countCalls(20);
    const many = await countCalls(1_000);
    // The end of the operation is read once.
    expect(few.steps.map((call) => call.replace(/cvm_\w+/, "cvm_…"))).toEqual([
      ...Array.from({ length: 5 }, () => "POST /status/batch"),
      "GET /cvms/cvm_…/operations?limit=50",
    ]);
    expect(many.steps).toEqual(few.steps);
    // Each of the 20 CVMs and the one operation are read once. The first polls run in parallel.
    const reads = (calls: string[]) => calls.filter((call) => call.startsWith("GET")).sort();
    expect(reads(many.start)).toHaveLength(21);
    expect(reads(many.start)).toEqual(reads(few.start));
    expect(many.start.length).toBeLessThan(26);
  });

  it("makes one call per interval for 1 and for 500 subscribers to one CVM", async () => {
    const count = async (viewers: number) => {
      await using gateway = await startStreamingGateway(NEVER);
      const streams = await openStates(
        gateway,
        Array.from({ length: viewers }, () => "web-phala"),
      );
      for (let poll = 0; poll < 4; poll += 1) {
        const seen = gateway.proxy.calls.length;
        gateway.watches.pollSoon(credential(KEY));
        await until(() => gateway.proxy.calls.length > seen);
        await sleep(20);
      }
      await Promise.all(streams.map((stream) => stream.leave()));
      return gateway.proxy.calls;
    };
    const one = await count(1);
    expect(one).toEqual(["GET /cvms/web-phala", ...Array.from({ length: 5 }, () => "POST /status/batch")]);
    expect(await count(500)).toEqual(one);
  });

  it("never shares the result of a poll between two credentials", async () => {
    await using gateway = await startStreamingGateway();
    const mine = await openStream(gateway.app, WATCH, { id: "web-phala" });
    const theirs = await openStream(
      gateway.app,
      WATCH,
      { id: "web-phala" },
      { "x-api-key": "sandbox-other" },
    );
    const bearer = await openStream(
      gateway.app,
      WATCH,
      { id: "web-phala" },
      { authorization: `Bearer ${KEY}` },
    );
    await Promise.all([mine, theirs, bearer].map((stream) => stream.next()));
    await gateway.update("web-phala");
    expect((await mine.next()).data.cvmState.status).toBe("SHUTTING_DOWN");
    await gateway.advance(500);
    const silent = await Promise.race([theirs.next(), sleep(200, "silence")]);
    expect(silent).toBe("silence");
    const journal = await gateway.readJournal();
    const asked = journal.filter(({ path }) => path === "/status/batch").map(({ body }) => body.vm_uuids);
    expect(asked.every((vmUuids) => vmUuids.length === 1)).toBe(true);
    expect(new Set(asked.flat()).size).toBe(2);
    await Promise.all([mine, theirs, bearer].map((stream) => stream.leave()));
  });

  it("stops when the last subscriber leaves, over every transport", async () => {
    for (const [name, client] of Object.entries(streamClients)) {
      await using gateway = await startStreamingGateway();
      const first = client(gateway.url, KEY, WATCH, { id: "web-phala" });
      const second = client(gateway.url, KEY, WATCH, { id: "no-script" });
      await until(() => first.received.length > 0 && second.received.length > 0);
      first.leave();
      await gateway.advance(100);
      second.leave();
      await sleep(100);
      gateway.proxy.calls.length = 0;
      await sleep(150);
      expect(gateway.proxy.calls, name).toEqual([]);
    }
  });

  it("aborts the reads of a client that leaves before its stream starts", async () => {
    await using gateway = await startStreamingGateway();
    const leaving = new AbortController();
    const opening = fetch(gateway.url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream", "x-api-key": KEY },
      body: JSON.stringify({ query: WATCH, variables: { id: "fails-slow" } }),
      signal: leaving.signal,
    });
    await until(() => gateway.proxy.calls.length === 1);
    leaving.abort();
    await expect(opening).rejects.toThrow();
    await gateway.jump(70_000);
    await sleep(150);
    expect(gateway.proxy.calls).toEqual(["GET /cvms/fails-slow"]);
  });

  it("slows down when nothing changes, and speeds up again for a new subscriber", async () => {
    await using gateway = await startStreamingGateway({ WATCH_INTERVAL_MS: "4" });
    const stream = await openStream(gateway.app, WATCH, { id: "web-phala" });
    await stream.next();
    await until(() => gateway.proxy.calls.length > 40);
    const before = gateway.proxy.calls.length;
    await sleep(200);
    const slow = gateway.proxy.calls.length - before;
    expect(slow).toBeGreaterThan(1);
    expect(slow).toBeLessThan(12);
    const other = await openStream(gateway.app, WATCH, { id: "no-script" });
    await other.next();
    const again = gateway.proxy.calls.length;
    await sleep(200);
    expect(gateway.proxy.calls.length - again).toBeGreaterThan(slow);
    await stream.leave();
    await other.leave();
  });
});
