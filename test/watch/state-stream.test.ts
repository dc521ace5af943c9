import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ClientPresence } from "../../src/client-presence.ts";
import { parseCvmRef } from "../../src/upstream/cvm-ref.ts";
import { FOLLOW, KEY, openStream, startStreamingGateway, WATCH } from "../support/streaming-gateway.ts";

const subscriber = (secret: string) => {
  const credential = { scheme: "apiKey", secret, workspace: null } as const;
  return { caller: credential, credential, expiresAt: null };
};

describe("a subscription", () => {
  it("sends the present state immediately, then each change once", async () => {
    await using gateway = await startStreamingGateway();
    const stream = await openStream(gateway.app, 'subscription { cvmState(id: "web-phala") { status } }', {});
    expect(await stream.next()).toEqual({ data: { cvmState: { status: "RUNNING" } } });
    await gateway.update("web-phala");
    const received: string[] = [];
    const reading = (async () => {
      while (received.at(-1) !== "RUNNING") received.push((await stream.next()).data.cvmState.status);
    })();
    for (let ms = 0; ms < 10_500; ms += 500) await gateway.advance(500);
    await reading;
    expect(received).toEqual(["SHUTTING_DOWN", "STOPPED", "STARTING", "RUNNING"]);
    await stream.leave();
  });

  it("skips intermediate states for a slow client but never the last one", async () => {
    await using gateway = await startStreamingGateway();
    const correlationId = await gateway.update("web-phala");
    const sse = await openStream(gateway.app, FOLLOW, { cvmId: "web-phala", correlationId });
    const ref = parseCvmRef("web-phala") ?? expect.unreachable();
    const client = new ClientPresence();
    const stream = await gateway.watches.open(subscriber(KEY), { ref, correlationId: null, client });
    await stream.next();
    for (let ms = 0; ms < 9_000; ms += 500) await gateway.advance(500);
    const { value } = await stream.next();
    expect(value?.live.bootProgress).toBe("starting containers");
    await gateway.jump(1_000);
    expect((await stream.next()).value?.live.bootProgress).toBe("done");
    await stream.return();
    const received = [];
    for (let result = await sse.next(); result !== null; result = await sse.next()) received.push(result);
    expect(received.at(-1).data.operation).toMatchObject({ status: "COMPLETED", percent: 100 });
    await sleep(50);
    gateway.proxy.calls.length = 0;
    await sleep(100);
    expect(gateway.proxy.calls).toEqual([]);
  });

  it("reports a changed uptime only to subscribers that select it, also in a fragment", async () => {
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

  it("reports a failed boot and ends", async () => {
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

  it("reports FAILED when a forced stop cancels the update", async () => {
    await using gateway = await startStreamingGateway();
    const correlationId = await gateway.update("web-phala");
    const stream = await openStream(gateway.app, FOLLOW, { cvmId: "web-phala", correlationId });
    await stream.next();
    await gateway.call("POST", "/cvms/web-phala/stop");
    expect((await stream.next()).data.operation).toMatchObject({ status: "FAILED" });
    expect(await stream.next()).toBeNull();
  });

  it("ends with NOT_FOUND when the CVM is deleted", async () => {
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
  ])("ends with an error when the REST API responds with %i", async (status, code) => {
    await using gateway = await startStreamingGateway();
    const stream = await openStream(gateway.app, WATCH, { id: "web-phala" });
    await stream.next();
    gateway.proxy.rule = () => ({ status });
    expect((await stream.next()).errors[0].extensions.code).toBe(code);
    expect(await stream.next()).toBeNull();
  });

  it("stays open when polls fail, and polls less often", async () => {
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

  it("keeps the state of the database while no node reports the CVM", async () => {
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
