import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { lockTimes } from "../../src/redis/limits.ts";
import { type Answer, ask, createGateway } from "../support/gateway.ts";
import { CONFIGURE, writeMutation } from "../support/mutations.ts";
import { startSentinels } from "../support/redis/sentinel.ts";
import { CVM, startScripted } from "../support/upstream/scripted.ts";

const STOP = writeMutation("stopCvm", "status");
const READ_VERSION = "query ($id: ID!) { cvm(id: $id) { configVersion } }";

const [, WATCHER_RULE = ""] =
  /A user of sentinels needs `(.*?)`/.exec(
    readFileSync(join(import.meta.dirname, "../../docs/redis.md"), "utf8"),
  ) ?? [];

type Sentinels = Awaited<ReturnType<typeof startSentinels>>;

/** Start sentinels, a REST API and a gateway. Reads of `cvm_held` wait until the test releases them. */
async function start(sentinels: Sentinels) {
  const held = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const upstream = await startScripted(async ({ method, path }) => {
    const id = path.split(/[/?]/)[2] ?? "";
    if (method !== "GET") return { status: 202, body: { correlation_id: "c-1", status: "in_progress" } };
    if (id === "cvm_held" && upstream.requests.filter((one) => one.path === path).length > 1) {
      reached.resolve();
      await held.promise;
    }
    return { body: { ...CVM, id } };
  });
  const environment = { REDIS_URL: sentinels.url, REDIS_SENTINEL_PASSWORD: sentinels.sentinelPassword };
  const logs: string[] = [];
  const gateway = createGateway(upstream.url, { environment, logs });
  const send = (input: Readonly<Record<string, unknown>>, mutation = CONFIGURE): Promise<Answer> =>
    ask(gateway.app, mutation, { input });
  const readVersion = async (id: string): Promise<string> =>
    (await ask(gateway.app, READ_VERSION, { id })).data.cvm.configVersion;
  await expect.poll(() => logs.join(""), { timeout: 10_000 }).toContain("Redis can be used");
  return {
    send,
    logs,
    reached: reached.promise,
    release: held.resolve,
    countWrites: (id: string) =>
      upstream.requests.filter(({ method, path }) => method === "PATCH" && path.includes(id)).length,
    /** Send a write that needs the lock. */
    sendProtected: async (id: string) => send({ id, vcpu: 2, expectedVersion: await readVersion(id) }),
    async [Symbol.asyncDispose]() {
      held.resolve();
      await gateway.close();
      await upstream.stop();
    },
  };
}

type Started = Awaited<ReturnType<typeof start>>;

/** Send protected writes until one is refused because of the new master. */
async function untilPaused({ sendProtected }: Started) {
  for (;;) {
    const { errors } = await sendProtected("cvm_new");
    if (errors?.[0]?.message.includes("new master")) return errors[0].extensions;
    if (errors !== undefined) expect(errors[0]?.extensions.code).toBe("LOCK_UNAVAILABLE");
    await sleep(50);
  }
}

/** Expect that writes which need the lock are refused for one lease, and that all others are sent. */
async function expectPause(gateway: Started): Promise<void> {
  const refusal = await untilPaused(gateway);
  const writesBefore = gateway.countWrites("cvm_new");
  const pausedAt = performance.now();
  const retryAfterMs = Number(refusal["retryAfterMs"]);
  expect(refusal).toMatchObject({ code: "LOCK_UNAVAILABLE", retryable: true });
  expect(retryAfterMs).toBeGreaterThan(lockTimes.lease - 4_000);
  expect(retryAfterMs).toBeLessThanOrEqual(lockTimes.lease);

  const keyed = await gateway.send({ id: "cvm_keyed", vcpu: 2, idempotencyKey: "key-1" });
  expect(keyed.errors?.[0]?.extensions.code).toBe("LOCK_UNAVAILABLE");
  expect((await gateway.send({ id: "cvm_plain", vcpu: 2 })).errors).toBeUndefined();
  const stop = { id: "cvm_plain", idempotencyKey: "stop-1" };
  expect((await gateway.send(stop, STOP)).errors).toBeUndefined();
  expect(gateway.countWrites("cvm_new")).toBe(writesBefore);

  let answer = await gateway.sendProtected("cvm_new");
  while (answer.errors !== undefined) {
    expect(answer.errors[0]?.extensions.code).toBe("LOCK_UNAVAILABLE");
    await sleep(100);
    answer = await gateway.sendProtected("cvm_new");
  }
  expect(performance.now() - pausedAt).toBeGreaterThan(retryAfterMs - 100);
  expect(performance.now() - pausedAt).toBeLessThan(retryAfterMs + 5_000);
  expect(gateway.countWrites("cvm_new")).toBe(writesBefore + 1);
  const again = await gateway.send({ id: "cvm_keyed", vcpu: 2, idempotencyKey: "key-1" });
  expect(again.errors).toBeUndefined();
  expect(gateway.countWrites("cvm_keyed")).toBe(1);
  expect(gateway.logs.join("")).toContain("Redis has a new master");
}

describe.concurrent("a change of the master", { tags: ["redis-server"], timeout: 60_000 }, () => {
  it("that the sentinels make pauses the writes that need a lock for one lease", async () => {
    await using sentinels = await startSentinels(WATCHER_RULE);
    await using gateway = await start(sentinels);
    expect((await gateway.sendProtected("cvm_new")).errors).toBeUndefined();
    await sentinels.switchMaster();
    await expectPause(gateway);
  });

  it("after a crash does so too, and a lock that the new master does not know sends nothing", async () => {
    await using sentinels = await startSentinels(WATCHER_RULE);
    await using gateway = await start(sentinels);
    expect((await gateway.sendProtected("cvm_new")).errors).toBeUndefined();
    // The lock of this write reaches the master only, and its check takes until after the change.
    await sentinels.cutReplica();
    const lost = gateway.sendProtected("cvm_held");
    await gateway.reached;
    await sentinels.killMaster();
    const paused = expectPause(gateway);
    await sleep(3_000);
    gateway.release();
    expect((await lost).errors?.[0]?.extensions).toMatchObject({ code: "LOCK_UNAVAILABLE", retryable: true });
    expect(gateway.countWrites("cvm_held")).toBe(0);
    await paused;
  });
});
