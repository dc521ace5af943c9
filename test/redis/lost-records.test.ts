import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { type Answer, ask, createGateway } from "../support/gateway.ts";
import { CONFIGURE } from "../support/mutations.ts";
import { command } from "../support/redis/command.ts";
import { startRedis } from "../support/redis/server.ts";
import { startSlowProxy } from "../support/redis/slow-proxy.ts";
import { CVM, startScripted } from "../support/upstream/scripted.ts";

const input = { id: "web", vcpu: 4, idempotencyKey: "key-1" };
const WAIT = { timeout: 10_000, interval: 20 };

/** A step of the REST API that the test sees begin, and lets end. */
function createStep() {
  const begun = Promise.withResolvers<void>();
  const ends = Promise.withResolvers<void>();
  return {
    begun: begun.promise,
    end: ends.resolve,
    async run(): Promise<void> {
      begun.resolve();
      await ends.promise;
    },
  };
}

/** Start a REST API that holds the reads and the first write, and two gateways on one Redis. */
async function start(redisUrl: string) {
  const reads = [createStep(), createStep()];
  const write = createStep();
  let readCount = 0;
  const upstream = await startScripted(async ({ method }) => {
    if (method === "GET") {
      await reads[readCount++]?.run();
      return { body: CVM };
    }
    const number = upstream.requests.filter((one) => one.method === "PATCH").length;
    if (number === 1) await write.run();
    return { status: 202, body: { correlation_id: `c-${number}`, status: "in_progress" } };
  });
  const logs: string[] = [];
  const create = () => createGateway(upstream.url, { environment: { REDIS_URL: redisUrl }, logs });
  const gateways = [create(), create()] as const;
  await vi.waitUntil(() => logs.join("").split("Redis can be used").length > gateways.length, WAIT);
  const send = (gateway: (typeof gateways)[number]): Promise<Answer> =>
    ask(gateway.app, CONFIGURE, { input });
  return {
    reads,
    write,
    sendFirst: () => send(gateways[0]),
    repeat: () => send(gateways[1]),
    /** Repeat the write at the second gateway until the locks are no longer paused. */
    async repeatAfterPause(): Promise<Answer> {
      for (;;) {
        const answer = await send(gateways[1]);
        if (answer.errors?.[0]?.extensions.code !== "LOCK_UNAVAILABLE") return answer;
        await sleep(100);
      }
    },
    countWrites: () => upstream.requests.filter(({ method }) => method === "PATCH").length,
    async [Symbol.asyncDispose]() {
      for (const step of [...reads, write]) step.end();
      await Promise.all(gateways.map((gateway) => gateway.close()));
      await upstream.stop();
    },
  };
}

/** Read the records of the idempotency keys that a server has. */
async function readRecords(url: string): Promise<string> {
  const keys = Array.from(Object(await command(url, "KEYS", "cvm-gateway:idempotency:*")), String);
  const records = await Promise.all(keys.map((key) => command(url, "GET", key)));
  return records.join(" ");
}

/** Start a master and its replica, behind an address that can lead to either. */
async function startPair() {
  const master = await startRedis();
  const options = ["--replicaof", `127.0.0.1 ${master.port}`, "--repl-diskless-sync-delay", "0"];
  const replica = await startRedis(undefined, options);
  const proxy = await startSlowProxy(master.port);
  const readLink = async () => String(await command(replica.url, "INFO", "replication"));
  await vi.waitUntil(async () => (await readLink()).includes("master_link_status:up"), WAIT);
  return {
    url: proxy.url,
    untilReplicaHas: (state: string) =>
      vi.waitUntil(async () => (await readRecords(replica.url)).includes(`"state":"${state}"`), WAIT),
    /** Promote the replica. It gets nothing of what the master does from now on. */
    promote: () => command(replica.url, "REPLICAOF", "NO", "ONE"),
    switchOver: () => proxy.switchTo(replica.port),
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await Promise.all([master.stop(), replica.stop()]);
    },
  };
}

describe.concurrent("a record that Redis has in part", { tags: ["redis-server"], timeout: 60_000 }, () => {
  it("is completed while its write runs, so that no repeat is sent when the old claim ends", async () => {
    await using pair = await startPair();
    await using gateways = await start(pair.url);
    gateways.reads[1]?.end();
    const first = gateways.sendFirst();
    await pair.untilReplicaHas("claimed");
    await pair.promote();
    gateways.reads[0]?.end();
    await gateways.write.begun;
    pair.switchOver();
    const repeated = gateways.repeatAfterPause();
    await Promise.race([repeated, sleep(18_000)]);
    expect(gateways.countWrites()).toBe(1);
    gateways.write.end();
    const { data } = await first;
    expect(data.configureCvm).toMatchObject({ correlationId: "c-1" });
    expect((await repeated).data).toEqual(data);
    expect(gateways.countWrites()).toBe(1);
  });

  it("gets its outcome when the new master knows the write and not its end", async () => {
    await using pair = await startPair();
    await using gateways = await start(pair.url);
    for (const read of gateways.reads) read.end();
    const first = gateways.sendFirst();
    await gateways.write.begun;
    await pair.untilReplicaHas("sending");
    await pair.promote();
    gateways.write.end();
    const { data } = await first;
    pair.switchOver();
    expect((await gateways.repeatAfterPause()).data).toEqual(data);
    expect(gateways.countWrites()).toBe(1);
  });

  it("gets its outcome although a repeat has claimed the emptied key", async () => {
    await using redis = await startRedis();
    await using gateways = await start(redis.url);
    gateways.reads[0]?.end();
    const first = gateways.sendFirst();
    await gateways.write.begun;
    await command(redis.url, "FLUSHALL");
    const repeated = gateways.repeat();
    await gateways.reads[1]?.begun;
    gateways.write.end();
    const { data } = await first;
    gateways.reads[1]?.end();
    expect((await repeated).errors?.[0]?.extensions).toMatchObject({ retryable: true });
    expect((await gateways.repeatAfterPause()).data).toEqual(data);
    expect(gateways.countWrites()).toBe(1);
  });
});
