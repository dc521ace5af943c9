import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { parseCvmRef } from "../../src/upstream/cvm-ref.ts";
import { streamClients } from "../support/stream-clients.ts";
import {
  FOLLOW,
  KEY,
  openStream,
  startStreamingGateway,
  until,
  WATCH,
} from "../support/streaming-gateway.ts";

/** So long that only polls that are asked for happen. */
const NEVER = { WATCH_INTERVAL_MS: "600000" };

type Gateway = Awaited<ReturnType<typeof startStreamingGateway>>;

const credential = (secret: string) => ({ scheme: "apiKey", secret }) as const;

async function openStates(gateway: Gateway, ids: readonly string[]) {
  const streams = await Promise.all(ids.map((id) => openStream(gateway.app, WATCH, { id })));
  await Promise.all(streams.map((stream) => stream.next()));
  return streams;
}

describe("one watch for many viewers", () => {
  /** The upstream calls of `count` subscribers on 20 CVMs through five steps of a restart. */
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
      gateway.watches.poke(credential(KEY));
      const told = await Promise.all(waiting);
      expect(new Set(told.map((one) => JSON.stringify(one))).size).toBe(1);
    }
    await Promise.all([...streams, ...followers].map((stream) => stream.leave()));
    return { start, steps: gateway.proxy.calls };
  }

  it("costs the same calls for 20 and for 1,000 subscribers", async () => {
    const few = await countCalls(20);
    const many = await countCalls(1_000);
    // The end of the operation is looked up once.
    expect(few.steps.map((call) => call.replace(/cvm_\w+/, "cvm_…"))).toEqual([
      ...Array.from({ length: 5 }, () => "POST /status/batch"),
      "GET /cvms/cvm_…/operations?limit=50",
    ]);
    expect(many.steps).toEqual(few.steps);
    // 20 CVMs are looked up once each, and one operation; the first polls go out meanwhile.
    const reads = (calls: string[]) => calls.filter((call) => call.startsWith("GET")).sort();
    expect(reads(many.start)).toHaveLength(21);
    expect(reads(many.start)).toEqual(reads(few.start));
    expect(many.start.length).toBeLessThan(26);
  });

  it("asks once per interval for one viewer and for 500 of one CVM", async () => {
    const count = async (viewers: number) => {
      await using gateway = await startStreamingGateway(NEVER);
      const streams = await openStates(
        gateway,
        Array.from({ length: viewers }, () => "web-phala"),
      );
      for (let poll = 0; poll < 4; poll += 1) {
        const seen = gateway.proxy.calls.length;
        gateway.watches.poke(credential(KEY));
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

  it("never lets two credentials share what a poll brought", async () => {
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

  it("sends nothing after the last subscriber has left, over any transport", async () => {
    for (const [name, client] of Object.entries(streamClients)) {
      await using gateway = await startStreamingGateway();
      const first = client(gateway.url, KEY, WATCH, { id: "web-phala" });
      const second = client(gateway.url, KEY, WATCH, { id: "no-script" });
      await until(() => first.told.length > 0 && second.told.length > 0);
      first.leave();
      await gateway.advance(100);
      second.leave();
      await sleep(100);
      gateway.proxy.calls.length = 0;
      await sleep(150);
      expect(gateway.proxy.calls, name).toEqual([]);
    }
  });

  it("stops the reads of a client that leaves before its stream began", async () => {
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

  it("waits longer once nothing has changed for a while, and is fast again with a new viewer", async () => {
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

describe("a stream", () => {
  it("tells the present state at once, then changes, and never the same twice", async () => {
    await using gateway = await startStreamingGateway();
    const stream = await openStream(gateway.app, 'subscription { cvmState(id: "web-phala") { status } }', {});
    expect(await stream.next()).toEqual({ data: { cvmState: { status: "RUNNING" } } });
    await gateway.update("web-phala");
    const told: string[] = [];
    const reading = (async () => {
      while (told.at(-1) !== "RUNNING") told.push((await stream.next()).data.cvmState.status);
    })();
    for (let ms = 0; ms < 10_500; ms += 500) await gateway.advance(500);
    await reading;
    expect(told).toEqual(["SHUTTING_DOWN", "STOPPED", "STARTING", "RUNNING"]);
    await stream.leave();
  });

  it("loses states in between but never the last, for a client that is slow", async () => {
    await using gateway = await startStreamingGateway();
    const correlationId = await gateway.update("web-phala");
    const sse = await openStream(gateway.app, FOLLOW, { cvmId: "web-phala", correlationId });
    const ref = parseCvmRef("web-phala") ?? expect.unreachable();
    const { signal } = new AbortController();
    const stream = await gateway.watches.open(credential(KEY), { ref, correlationId: null, signal });
    await stream.next();
    for (let ms = 0; ms < 9_000; ms += 500) await gateway.advance(500);
    const { value } = await stream.next();
    expect(value?.live.bootProgress).toBe("starting containers");
    await gateway.jump(1_000);
    expect((await stream.next()).value?.live.bootProgress).toBe("done");
    await stream.return();
    const told = [];
    for (let result = await sse.next(); result !== null; result = await sse.next()) told.push(result);
    expect(told.at(-1).data.operation).toMatchObject({ status: "COMPLETED", percent: 100 });
    await sleep(50);
    gateway.proxy.calls.length = 0;
    await sleep(100);
    expect(gateway.proxy.calls).toEqual([]);
  });

  it("tells the meters to those who select them, in a fragment too", async () => {
    await using gateway = await startStreamingGateway();
    const query = `subscription { cvmState(id: "web-phala") { status ...Meters } } fragment Meters on CvmState { up: uptime }`;
    const meters = await openStream(gateway.app, query, {});
    const quiet = await openStream(gateway.app, WATCH, { id: "web-phala" });
    const { up } = (await meters.next()).data.cvmState;
    await quiet.next();
    await gateway.jump(86_400_000);
    expect((await meters.next()).data.cvmState.up).not.toBe(up);
    expect(await Promise.race([quiet.next(), sleep(150, "silence")])).toBe("silence");
    await Promise.all([meters.leave(), quiet.leave()]);
  });

  it("tells the failure of a boot, and ends", async () => {
    await using gateway = await startStreamingGateway();
    const correlationId = await gateway.update("boot-fails");
    const stream = await openStream(gateway.app, FOLLOW, { cvmId: "boot-fails", correlationId });
    await stream.next();
    await gateway.jump(10_000);
    expect((await stream.next()).data.operation).toEqual({
      status: "FAILED",
      step: null,
      percent: 100,
      errorMessage: "failed to start containers",
    });
    expect(await stream.next()).toBeNull();
  });

  it("tells that a forced stop cancelled an update", async () => {
    await using gateway = await startStreamingGateway();
    const correlationId = await gateway.update("web-phala");
    const stream = await openStream(gateway.app, FOLLOW, { cvmId: "web-phala", correlationId });
    await stream.next();
    await gateway.call("POST", "/cvms/web-phala/stop");
    expect((await stream.next()).data.operation).toMatchObject({ status: "FAILED" });
    expect(await stream.next()).toBeNull();
  });

  it("ends with NOT_FOUND when its CVM is deleted", async () => {
    await using gateway = await startStreamingGateway();
    const state = await openStream(gateway.app, WATCH, { id: "web-phala" });
    const correlationId = await gateway.update("web-phala");
    const operation = await openStream(gateway.app, FOLLOW, { cvmId: "web-phala", correlationId });
    await Promise.all([state.next(), operation.next()]);
    await gateway.call("DELETE", "/cvms/web-phala");
    for (const stream of [state, operation]) {
      let result = await stream.next();
      while (result.errors === undefined) result = await stream.next();
      expect(result.errors[0].extensions.code).toBe("NOT_FOUND");
      expect(await stream.next()).toBeNull();
    }
    await sleep(50);
    gateway.proxy.calls.length = 0;
    await sleep(100);
    expect(gateway.proxy.calls).toEqual([]);
  });

  it.each([
    [403, "FORBIDDEN"],
    [401, "UNAUTHENTICATED"],
  ])("ends when the REST API answers %i", async (status, code) => {
    await using gateway = await startStreamingGateway();
    const stream = await openStream(gateway.app, WATCH, { id: "web-phala" });
    await stream.next();
    gateway.proxy.rule = () => ({ status });
    expect((await stream.next()).errors[0].extensions.code).toBe(code);
    expect(await stream.next()).toBeNull();
  });

  it("stays open through failures, which slow the watch down", async () => {
    await using gateway = await startStreamingGateway();
    const stream = await openStream(gateway.app, WATCH, { id: "web-phala" });
    await stream.next();
    for (const status of [503, 429, 502]) {
      gateway.proxy.rule = ({ path }) => (path === "/status/batch" ? { status } : null);
      const before = gateway.proxy.calls.length;
      await sleep(200);
      expect(gateway.proxy.calls.length - before).toBeLessThan(8);
    }
    gateway.proxy.rule = () => null;
    await gateway.update("web-phala");
    expect((await stream.next()).data.cvmState.status).toBe("SHUTTING_DOWN");
    await stream.leave();
  });

  it("keeps to the state of the database while no node reports the CVM", async () => {
    await using gateway = await startStreamingGateway();
    const stream = await openStream(gateway.app, WATCH, { id: "web-phala" });
    await stream.next();
    gateway.proxy.rule = ({ path }) => (path === "/status/batch" ? { status: 200, body: {} } : null);
    expect((await stream.next()).data.cvmState).toEqual({ status: "RUNNING", bootProgress: null });
    gateway.proxy.rule = () => null;
    expect((await stream.next()).data.cvmState).toEqual({ status: "RUNNING", bootProgress: "done" });
    await stream.leave();
  });
});

describe("the end of an operation", () => {
  it("is never told before it is recorded: a CVM that runs is no evidence", async () => {
    await using gateway = await startStreamingGateway();
    // Neither the history nor the node shows the fresh operation yet.
    gateway.proxy.rule = ({ path }, json) => {
      if (path.includes("/operations"))
        return { status: 200, body: { items: [], next_cursor: null, total: 0 } };
      if (path !== "/status/batch") return null;
      const quiet = { status: "running", in_progress: false, boot_progress: "done", operation: null };
      return {
        status: 200,
        body: Object.fromEntries(Object.keys(json).map((vmUuid) => [vmUuid, quiet])),
      };
    };
    const correlationId = await gateway.update("web-phala");
    const stream = await openStream(gateway.app, FOLLOW, { cvmId: "web-phala", correlationId });
    expect((await stream.next()).data.operation).toMatchObject({ status: "UNKNOWN", percent: 0 });
    await gateway.advance(100);
    gateway.proxy.rule = () => null;
    expect((await stream.next()).data.operation).toMatchObject({ status: "IN_PROGRESS", percent: 5 });
    await gateway.jump(10_000);
    expect((await stream.next()).data.operation).toMatchObject({ status: "COMPLETED", percent: 100 });
    expect(await stream.next()).toBeNull();
  });

  it("waits for the record when the node has gone quiet first, and the percentage stays", async () => {
    await using gateway = await startStreamingGateway();
    const correlationId = await gateway.update("web-phala");
    const stream = await openStream(gateway.app, FOLLOW, { cvmId: "web-phala", correlationId });
    await stream.next();
    await gateway.jump(8_600);
    expect((await stream.next()).data.operation).toMatchObject({ step: "starting containers", percent: 88 });
    gateway.proxy.rule = ({ path }) =>
      path.includes("/operations")
        ? {
            status: 200,
            body: {
              items: [{ correlation_id: correlationId, operation_type: "x", status: "in_progress" }],
              next_cursor: null,
            },
          }
        : null;
    await gateway.advance(2_000);
    expect((await stream.next()).data.operation).toMatchObject({ status: "IN_PROGRESS", percent: 88 });
    gateway.proxy.rule = () => null;
    expect((await stream.next()).data.operation).toMatchObject({ status: "COMPLETED", percent: 100 });
  });

  it("takes a boot error of this operation as its failure, and not one of an older boot", async () => {
    await using gateway = await startStreamingGateway();
    const correlationId = await gateway.update("web-phala");
    const pretend = (status: string) => {
      gateway.proxy.rule = ({ path }, json) => {
        if (path !== "/status/batch") return null;
        const state = {
          status,
          in_progress: true,
          boot_progress: "requesting app keys",
          boot_error: "no keys",
          operation: { type: "x", phase: "boot", correlation_id: correlationId },
        };
        return { status: 200, body: Object.fromEntries(Object.keys(json).map((vmUuid) => [vmUuid, state])) };
      };
    };
    pretend("shutting_down");
    const stream = await openStream(gateway.app, FOLLOW, { cvmId: "web-phala", correlationId });
    expect((await stream.next()).data.operation).toMatchObject({ status: "IN_PROGRESS", errorMessage: null });
    pretend("starting");
    expect((await stream.next()).data.operation).toMatchObject({ status: "FAILED", errorMessage: "no keys" });
    expect(await stream.next()).toBeNull();
  });

  it("is found through the history alone where the node names no operation", async () => {
    await using gateway = await startStreamingGateway();
    gateway.proxy.rule = ({ path }, json) => {
      if (path !== "/status/batch") return null;
      const states = Object.keys(json).map((vmUuid) => [vmUuid, { ...json[vmUuid], operation: null }]);
      return { status: 200, body: Object.fromEntries(states) };
    };
    const correlationId = await gateway.update("web-phala");
    const stream = await openStream(gateway.app, FOLLOW, { cvmId: "web-phala", correlationId });
    expect((await stream.next()).data.operation).toMatchObject({ status: "IN_PROGRESS" });
    await gateway.jump(10_000);
    let result = await stream.next();
    while (result.data.operation.status === "IN_PROGRESS") result = await stream.next();
    expect(result.data.operation).toMatchObject({ status: "COMPLETED", percent: 100 });
  });
});
