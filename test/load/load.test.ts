import { describe, expect, it } from "vitest";
import { startRedis } from "../support/redis/server.ts";
import { pickByTier } from "../support/tier.ts";
import { type LoadSettings, runLoad } from "./run-load.ts";

const SETTINGS: LoadSettings = {
  connections: pickByTier(50, 200),
  seconds: pickByTier(6, 30),
  seed: 20_261,
  gateways: 1,
};
const TIMEOUT_MS = pickByTier(60_000, 300_000);

/** Check that the load had enough different outcomes for the proof to mean anything. */
function expectVariety({ outcomes, received, faults }: Awaited<ReturnType<typeof runLoad>>): void {
  expect(outcomes["IN_PROGRESS"]).toBeGreaterThan(20);
  expect(outcomes["unknown"]).toBeGreaterThan(3);
  expect(outcomes["refused"]).toBeGreaterThan(0);
  expect(received["read requests"]).toBeGreaterThan(50);
  expect(received["subscription events"]).toBeGreaterThan(5);
  expect(Object.keys(faults).length).toBeGreaterThan(5);
}

describe("a load of reads, writes and subscriptions while the REST API fails by chance", () => {
  it("loses no write and applies none twice", { timeout: TIMEOUT_MS }, async () => {
    const report = await runLoad(SETTINGS);
    expect(report.problems).toEqual([]);
    expect(report.exitCodes).toEqual([0]);
    expect(report.outcomes["NO_CHANGE"]).toBeGreaterThan(0);
    expect(report.outcomes["unanswered"]).toBeUndefined();
    expectVariety(report);
  });

  it("loses no write and applies none twice with two gateways on one Redis", {
    tags: ["redis-server"],
    timeout: TIMEOUT_MS,
  }, async () => {
    await using redis = await startRedis();
    const report = await runLoad({ ...SETTINGS, seed: 7, gateways: 2, redisUrl: redis.url });
    expect(report.problems).toEqual([]);
    expect(report.exitCodes).toEqual([0, 0]);
    expectVariety(report);
  });

  it("answers every request that it accepted before SIGTERM", { timeout: TIMEOUT_MS }, async () => {
    const report = await runLoad({ ...SETTINGS, seed: 11, sigtermAfterSeconds: 3 });
    expect(report.problems).toEqual([]);
    expect(report.exitCodes).toEqual([0]);
    expectVariety(report);
  });
});
