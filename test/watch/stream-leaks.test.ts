import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { streamClients } from "../support/stream-clients.ts";
import { KEY, openStream, startStreamingGateway, until, WATCH } from "../support/streaming-gateway.ts";
import { pickByTier } from "../support/tier.ts";

const ROUNDS = pickByTier(3_000, 10_000);
const SIDE_BY_SIDE = 50;

async function measure() {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  for (let round = 0; round < 3; round += 1) {
    await sleep(50);
    if (typeof collect === "function") collect();
  }
  const resources = process.getActiveResourcesInfo();
  return {
    heapBytes: process.memoryUsage().heapUsed,
    timers: resources.filter((name) => name === "Timeout").length,
    handles: resources.filter((name) => name !== "Timeout").length,
  };
}

it(`keeps heap, handles and timers constant over ${ROUNDS} subscribers that come and leave`, async () => {
  await using gateway = await startStreamingGateway({ WATCH_INTERVAL_MS: "600000" });
  const subscribeAndLeave = async () => {
    const stream = await openStream(gateway.app, WATCH, { id: "web-phala" });
    expect(await stream.next()).toMatchObject({ data: { cvmState: { status: "RUNNING" } } });
    await stream.leave();
  };
  const run = async (rounds: number) => {
    for (let done = 0; done < rounds; done += SIDE_BY_SIDE) {
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, subscribeAndLeave));
    }
  };
  // One in twenty rounds leaves no subscriber, so that the poll starts and stops as well.
  const runBoth = async (rounds: number) => {
    await run(rounds / 20);
    const anchor = await openStream(gateway.app, WATCH, { id: "web-phala" });
    await anchor.next();
    await run((rounds * 19) / 20);
    await anchor.leave();
  };
  await runBoth(1_000);
  const before = await measure();
  await runBoth(ROUNDS);
  const after = await measure();
  expect(after.timers).toBeLessThanOrEqual(before.timers);
  expect(after.handles).toBeLessThanOrEqual(before.handles + 1);
  // A leak of 1 KB per subscriber would exceed this.
  expect(after.heapBytes - before.heapBytes).toBeLessThan(ROUNDS * 800);
}, 120_000);

it("leaves no handle and no timer after any client disconnects", async () => {
  await using gateway = await startStreamingGateway();
  const visit = async () => {
    for (const client of Object.values(streamClients)) {
      const following = client(gateway.url, KEY, WATCH, { id: "web-phala" });
      await until(() => following.received.length > 0);
      following.leave();
    }
    await sleep(300);
  };
  await visit();
  const before = await measure();
  for (let round = 0; round < 5; round += 1) await visit();
  const after = await measure();
  expect(after.timers).toBeLessThanOrEqual(before.timers + 1);
  expect(after.handles).toBeLessThanOrEqual(before.handles + 2);
}, 60_000);
