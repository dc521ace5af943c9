import { describe, expect, it } from "vitest";
import { claimTimes } from "../../src/redis/limits.ts";
import { ask, createGateway, startGateway } from "../support/gateway.ts";
import { CONFIGURE, listWrites } from "../support/mutations.ts";
import { startMain } from "../support/process.ts";
import { command } from "../support/redis/command.ts";
import { startRedis } from "../support/redis/server.ts";
import { CVM, KEY, startScripted } from "../support/upstream/scripted.ts";

const input = { id: "web-phala", vcpu: 4, idempotencyKey: "key-1" };
const scriptedInput = { ...input, id: "cvm_web" };
const accepted = { status: 202, body: { correlation_id: "c-1", status: "in_progress" } };

describe("a claim that Redis did not answer", { tags: ["redis-server"] }, () => {
  const unsent = {
    message: expect.stringContaining("This request sent nothing"),
    extensions: { code: "UPSTREAM_UNAVAILABLE" },
  };

  it("leaves the key free when a paused Redis continues", async () => {
    await using redis = await startRedis();
    await using gateway = await startGateway({ environment: { REDIS_URL: redis.url } });
    await gateway.ask(CONFIGURE, { input: { ...input, id: "web-legacy", idempotencyKey: "warm" } });
    await gateway.calls();
    redis.pause();
    expect((await gateway.ask(CONFIGURE, { input })).errors?.[0]).toMatchObject(unsent);
    redis.resume();
    const startedAt = performance.now();
    expect((await gateway.ask(CONFIGURE, { input })).errors).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(listWrites(await gateway.calls())).toHaveLength(1);
  });

  it("leaves the key free when Redis starts again, and its pause is over", { timeout: 30_000 }, async () => {
    const redis = await startRedis();
    await using gateway = await startGateway({ environment: { REDIS_URL: redis.url } });
    await gateway.ask(CONFIGURE, { input: { ...input, id: "web-legacy", idempotencyKey: "warm" } });
    await gateway.calls();
    await redis.stop();
    expect((await gateway.ask(CONFIGURE, { input })).errors?.[0]).toMatchObject(unsent);
    await using _again = await startRedis(redis.port);
    await expect
      .poll(async () => (await gateway.ask(CONFIGURE, { input })).errors, { timeout: 15_000, interval: 200 })
      .toBeUndefined();
    expect(listWrites(await gateway.calls())).toHaveLength(1);
  });
});

describe("an outcome that Redis did not store", { tags: ["redis-server"] }, () => {
  it("is stored when a paused Redis continues, and another gateway returns it", async () => {
    await using redis = await startRedis();
    await using upstream = await startScripted(() => {
      redis.pause();
      return accepted;
    });
    const environment = { REDIS_URL: redis.url };
    const [one, two] = [
      createGateway(upstream.url, { environment }),
      createGateway(upstream.url, { environment }),
    ];
    const first = await ask(one.app, CONFIGURE, { input: scriptedInput });
    expect(first.data.configureCvm).toMatchObject({ correlationId: "c-1" });
    redis.resume();
    expect((await ask(two.app, CONFIGURE, { input: scriptedInput })).data).toEqual(first.data);
    expect(upstream.requests).toHaveLength(1);
    await Promise.all([one.close(), two.close()]);
  });

  it("is stored when Redis has memory again, and known to its own gateway before", async () => {
    await using redis = await startRedis();
    await using upstream = await startScripted(async () => {
      await command(redis.url, "CONFIG", "SET", "maxmemory", 1);
      return accepted;
    });
    const environment = { REDIS_URL: redis.url };
    const [one, two] = [
      createGateway(upstream.url, { environment }),
      createGateway(upstream.url, { environment }),
    ];
    const first = await ask(one.app, CONFIGURE, { input: scriptedInput });
    expect(first.data.configureCvm).toMatchObject({ correlationId: "c-1" });
    expect((await ask(one.app, CONFIGURE, { input: scriptedInput })).data).toEqual(first.data);
    await command(redis.url, "CONFIG", "SET", "maxmemory", 0);
    expect((await ask(two.app, CONFIGURE, { input: scriptedInput })).data).toEqual(first.data);
    expect(upstream.requests).toHaveLength(1);
    await Promise.all([one.close(), two.close()]);
  });

  it("is known to its own gateway after Redis has lost its data during the write", async () => {
    await using redis = await startRedis();
    const { promise: lost, resolve } = Promise.withResolvers<void>();
    await using upstream = await startScripted(async () => {
      await command(redis.url, "FLUSHALL");
      resolve();
      await new Promise((done) => setTimeout(done, 500));
      return accepted;
    });
    const gateway = createGateway(upstream.url, { environment: { REDIS_URL: redis.url } });
    const first = ask(gateway.app, CONFIGURE, { input: scriptedInput });
    await lost;
    const second = await ask(gateway.app, CONFIGURE, { input: scriptedInput });
    expect(second.data).toEqual((await first).data);
    expect(upstream.requests).toHaveLength(1);
    await gateway.close();
  });
});

describe("a claim that Redis lost before the write", { tags: ["redis-server"] }, () => {
  it("sends nothing, so that a write which claimed the key since is the only one", {
    timeout: 30_000,
  }, async () => {
    await using redis = await startRedis();
    const checked = Promise.withResolvers<void>();
    const continues = Promise.withResolvers<void>();
    let looks = 0;
    await using upstream = await startScripted(async ({ method }) => {
      if (method === "PATCH") return accepted;
      looks += 1;
      if (looks > 1) return { body: CVM };
      checked.resolve();
      await continues.promise;
      return { body: CVM };
    });
    const environment = { REDIS_URL: redis.url };
    const [one, two] = [
      createGateway(upstream.url, { environment }),
      createGateway(upstream.url, { environment }),
    ];
    const waiting = { ...scriptedInput, waitIfBusySeconds: 1 };
    const first = ask(one.app, CONFIGURE, { input: waiting });
    await checked.promise;
    await command(redis.url, "FLUSHALL");
    let second = await ask(two.app, CONFIGURE, { input: waiting });
    while (second.errors?.[0]?.extensions.code === "LOCK_UNAVAILABLE") {
      await new Promise((resolve) => setTimeout(resolve, 200));
      second = await ask(two.app, CONFIGURE, { input: waiting });
    }
    expect(second.data.configureCvm).toMatchObject({ correlationId: "c-1" });
    continues.resolve();
    expect((await first).errors?.[0]).toMatchObject({
      message: expect.stringContaining("This request sent nothing"),
      extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true },
    });
    expect((await ask(one.app, CONFIGURE, { input: waiting })).data).toEqual(second.data);
    expect(upstream.requests.filter(({ method }) => method === "PATCH")).toHaveLength(1);
    await Promise.all([one.close(), two.close()]);
  });
});

describe.concurrent("a process that ends, or seems to,", { tags: ["redis-server"] }, () => {
  /** Start a write in a process, kill it when `reached` resolves, and repeat the write at another gateway. */
  async function repeatAfterKill(
    upstream: { readonly url: string },
    reached: Promise<void>,
    write: Readonly<Record<string, unknown>>,
  ) {
    await using redis = await startRedis();
    const environment = { REDIS_URL: redis.url };
    await using main = await startMain({ UPSTREAM_URL: upstream.url, ...environment });
    const headers = { "x-api-key": KEY };
    const lost = main.post(CONFIGURE, headers, { input: write }).catch(() => null);
    await reached;
    await main.stop("SIGKILL");
    await lost;
    const killedAt = performance.now();
    const survivor = createGateway(upstream.url, { environment });
    const answer = await ask(survivor.app, CONFIGURE, { input: write }, headers);
    await survivor.close();
    return { answer, waitedMs: performance.now() - killedAt };
  }

  it("and has not sent the write frees the key within 30 s", { timeout: 60_000 }, async () => {
    const checked = Promise.withResolvers<void>();
    let looks = 0;
    await using upstream = await startScripted(({ method }) => {
      if (method === "PATCH") return accepted;
      looks += 1;
      checked.resolve();
      return looks > 1 ? { body: CVM } : new Promise<never>(() => undefined);
    });
    const write = { ...scriptedInput, waitIfBusySeconds: 1 };
    const { answer, waitedMs } = await repeatAfterKill(upstream, checked.promise, write);
    expect(answer.data.configureCvm).toMatchObject({ correlationId: "c-1" });
    expect(waitedMs).toBeLessThan(30_000);
    expect(upstream.requests.filter(({ method }) => method === "PATCH")).toHaveLength(1);
  });

  it("and has sent the write leaves OUTCOME_UNKNOWN within 30 s", { timeout: 60_000 }, async () => {
    const sent = Promise.withResolvers<void>();
    await using upstream = await startScripted(() => {
      sent.resolve();
      return new Promise<never>(() => undefined);
    });
    const { answer, waitedMs } = await repeatAfterKill(upstream, sent.promise, scriptedInput);
    expect(answer.errors?.[0]?.extensions.code).toBe("OUTCOME_UNKNOWN");
    expect(waitedMs).toBeLessThan(30_000);
    expect(upstream.requests).toHaveLength(1);
  });

  it("is not confused with a write that runs for longer than a lease", { timeout: 60_000 }, async () => {
    await using redis = await startRedis();
    const checked = Promise.withResolvers<void>();
    await using upstream = await startScripted(async ({ method }) => {
      checked.resolve();
      await new Promise((resolve) => setTimeout(resolve, claimTimes.lease + 2_000));
      return method === "PATCH" ? accepted : { body: CVM };
    });
    const environment = {
      REDIS_URL: redis.url,
      UPSTREAM_READ_TIMEOUT_MS: "30000",
      UPSTREAM_WRITE_TIMEOUT_MS: "30000",
    };
    const [one, two] = [
      createGateway(upstream.url, { environment }),
      createGateway(upstream.url, { environment }),
    ];
    const waiting = { ...scriptedInput, waitIfBusySeconds: 1 };
    const first = ask(one.app, CONFIGURE, { input: waiting });
    await checked.promise;
    const second = await ask(two.app, CONFIGURE, { input: waiting });
    expect(second.data.configureCvm).toMatchObject({ correlationId: "c-1" });
    expect((await first).data).toEqual(second.data);
    expect(upstream.requests.filter(({ method }) => method === "PATCH")).toHaveLength(1);
    await Promise.all([one.close(), two.close()]);
  });

  it("stores an outcome again after Redis lost it, also over the claims of repeats", {
    timeout: 60_000,
  }, async () => {
    await using redis = await startRedis();
    await using upstream = await startScripted(() => accepted);
    const environment = { REDIS_URL: redis.url };
    const [one, two] = [
      createGateway(upstream.url, { environment }),
      createGateway(upstream.url, { environment }),
    ];
    const first = await ask(one.app, CONFIGURE, { input: scriptedInput });
    // The second gateway knows this Redis, so the loss of its data begins a pause.
    await ask(two.app, CONFIGURE, { input: { ...scriptedInput, id: "cvm_two", idempotencyKey: "key-2" } });
    await command(redis.url, "FLUSHALL");
    let second = await ask(two.app, CONFIGURE, { input: scriptedInput });
    expect(second.errors?.[0]?.extensions.code).toBe("LOCK_UNAVAILABLE");
    while (second.errors?.[0]?.extensions["retryable"] === true) {
      second = await ask(two.app, CONFIGURE, { input: scriptedInput });
    }
    expect(second.data).toEqual(first.data);
    expect(upstream.requests.filter(({ path }) => path.includes("cvm_web"))).toHaveLength(1);
    await Promise.all([one.close(), two.close()]);
  });

  it("stores a running write again after Redis lost it, for the other gateways", {
    timeout: 60_000,
  }, async () => {
    await using redis = await startRedis();
    const lost = Promise.withResolvers<void>();
    const answers = Promise.withResolvers<void>();
    await using upstream = await startScripted(async () => {
      await command(redis.url, "FLUSHALL");
      lost.resolve();
      await answers.promise;
      return accepted;
    });
    const environment = { REDIS_URL: redis.url };
    const [one, two] = [
      createGateway(upstream.url, { environment }),
      createGateway(upstream.url, { environment }),
    ];
    const first = ask(one.app, CONFIGURE, { input: scriptedInput });
    await lost.promise;
    await expect
      .poll(() => command(redis.url, "KEYS", "cvm-gateway:idempotency:*"), {
        timeout: claimTimes.heartbeat + 2_000,
        interval: 200,
      })
      .toHaveLength(1);
    const second = ask(two.app, CONFIGURE, { input: scriptedInput });
    answers.resolve();
    expect((await second).data).toEqual((await first).data);
    expect(upstream.requests).toHaveLength(1);
    await Promise.all([one.close(), two.close()]);
  });
});
