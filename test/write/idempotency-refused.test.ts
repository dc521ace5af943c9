import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { CONFIGURE, listWrites } from "../support/mutations.ts";
import { startOldRedis } from "../support/redis/old-redis.ts";
import { startRedis } from "../support/redis/server.ts";

const input = { id: "web-phala", vcpu: 4, idempotencyKey: "key-1" };

/** Send a keyed write through a gateway with this Redis. It must not be sent, and the log must name the reason. */
async function expectRefusal(url: string, reason: string): Promise<void> {
  const logs: string[] = [];
  await using gateway = await startGateway({ environment: { REDIS_URL: url }, logs });
  await expect
    .poll(() => logs.join(""), { timeout: 5_000 })
    .toContain(
      `Redis (REDIS_URL) ${reason}. Writes with an idempotency key or expectedVersion are not sent.`,
    );
  const { errors } = await gateway.ask(CONFIGURE, { input });
  expect(errors?.[0]).toMatchObject({
    message: `The store of idempotency keys ${reason}. This request sent nothing. Send it again later with the same key. Without the key, a change that an earlier request sent would be sent twice.`,
    extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true },
  });
  expect(listWrites(await gateway.calls())).toEqual([]);
  const { idempotencyKey: _key, ...plain } = input;
  expect((await gateway.ask(CONFIGURE, { input: plain })).errors).toBeUndefined();
  for (const text of [...logs, JSON.stringify(errors)]) {
    expect(text).not.toContain(new URL(url).host);
    expect(text).not.toContain("canary-password");
  }
}

describe("a Redis that refuses the gateway is reported as what it is", { tags: ["redis-server"] }, () => {
  it("when it requires a password", async () => {
    await using redis = await startRedis(undefined, ["--requirepass", "another-password"]);
    await expectRefusal(redis.url, "requires a password");
  });

  it("when the password is wrong", async () => {
    await using redis = await startRedis(undefined, ["--requirepass", "another-password"]);
    const url = `redis://:canary-password@127.0.0.1:${redis.port}`;
    await expectRefusal(url, "rejects the password of the gateway");
  });

  it("when it is out of memory", async () => {
    await using redis = await startRedis(undefined, ["--maxmemory", "1"]);
    await expectRefusal(redis.url, "is out of memory");
  });

  it("when it is a read-only replica", async () => {
    await using redis = await startRedis(undefined, ["--replicaof", "127.0.0.1 9"]);
    await expectRefusal(redis.url, "is a read-only replica");
  });

  it("when it is not there", async () => {
    await expectRefusal("redis://:canary-password@127.0.0.1:9", "cannot be reached");
  });

  it("when the user lacks a command", async () => {
    await using redis = await startRedis(undefined, [
      "--user",
      ..."default on nopass ~* +@all -set".split(" "),
    ]);
    await expectRefusal(redis.url, "does not permit the gateway a command that it needs");
  });
});

describe("a Redis before 7.0", () => {
  it("is reported as too old", async () => {
    await using redis = await startOldRedis();
    await expectRefusal(redis.url, "is too old: Redis 7.0 or later is required");
  });
});

describe("a damaged record", { tags: ["redis-server"] }, () => {
  async function damage(change: (client: Redis, name: string) => Promise<unknown>) {
    await using redis = await startRedis();
    await using gateway = await startGateway({ environment: { REDIS_URL: redis.url } });
    expect((await gateway.ask(CONFIGURE, { input })).errors).toBeUndefined();
    const client = new Redis(redis.url);
    const [name = ""] = await client.keys("cvm-gateway:idempotency:*");
    await change(client, name);
    client.disconnect();
    const { errors } = await gateway.ask(CONFIGURE, { input });
    expect(listWrites(await gateway.calls())).toHaveLength(1);
    return errors?.[0];
  }

  const damaged = {
    message: expect.stringContaining("The record of this idempotency key is damaged"),
    extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: false },
  };

  it("that is not JSON is never taken for a free key", async () => {
    expect(await damage((client, name) => client.set(name, "{not json"))).toMatchObject(damaged);
  });

  it("of another type is never taken for a free key", async () => {
    const error = await damage(async (client, name) => {
      await client.del(name);
      await client.lpush(name, "x");
    });
    expect(error).toMatchObject(damaged);
  });

  it("whose outcome cannot be decrypted is reported", async () => {
    const error = await damage(async (client, name) => {
      const record = JSON.parse((await client.get(name)) ?? "");
      await client.set(name, JSON.stringify({ ...record, outcome: "AAAA" }));
    });
    expect(error).toMatchObject(damaged);
  });
});
