import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { ask, createGateway, startGateway } from "../support/gateway.ts";
import { CONFIGURE, listWrites } from "../support/mutations.ts";
import { startRedis } from "../support/redis/server.ts";
import { startScripted } from "../support/upstream/scripted.ts";

const input = { id: "web-phala", vcpu: 4, idempotencyKey: "key-1" };

describe("two gateways on one Redis", { tags: ["redis-server"] }, () => {
  it("join parallel duplicates into one write", async () => {
    await using redis = await startRedis();
    const environment = { REDIS_URL: redis.url };
    await using one = await startGateway({ environment });
    const two = createGateway(one.sandbox.url, { environment });
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        ask(index % 2 === 0 ? one.app : two.app, CONFIGURE, { input }),
      ),
    );
    expect(new Set(answers.map(({ data }) => data.configureCvm.correlationId)).size).toBe(1);
    expect(listWrites(await one.calls())).toHaveLength(1);
    await two.close();
  });

  it("store no credential, key, input or outcome in plain text", async () => {
    await using redis = await startRedis();
    await using gateway = await startGateway({ environment: { REDIS_URL: redis.url } });
    const { data } = await gateway.ask(CONFIGURE, {
      input: {
        id: "web-base",
        preLaunchScript: "echo canary-77",
        prepareOnly: true,
        idempotencyKey: "key-visible",
      },
    });
    const client = new Redis(redis.url);
    const keys = await client.keys("cvm-gateway:idempotency:*");
    const stored = [...keys, ...(await client.mget(keys))].join("\n");
    client.disconnect();
    expect(keys).toHaveLength(1);
    for (const secret of ["sandbox-test", "canary-77", "key-visible", data.configureCvm.commitToken]) {
      expect(stored).not.toContain(secret);
    }
  });
});

describe("a record in Redis", { tags: ["redis-server"] }, () => {
  /** Write with a key, and change the record as another release of the gateway would have written it. */
  async function rewriteRecord(change: (record: Record<string, unknown>) => object) {
    const redis = await startRedis();
    const gateway = await startGateway({ environment: { REDIS_URL: redis.url } });
    const first = await gateway.ask(CONFIGURE, { input });
    const client = new Redis(redis.url);
    const [name = ""] = await client.keys("cvm-gateway:idempotency:*");
    const record = JSON.parse((await client.get(name)) ?? "");
    await client.set(name, JSON.stringify(change(record)), "KEEPTTL");
    client.disconnect();
    return {
      ...gateway,
      first,
      record,
      async [Symbol.asyncDispose]() {
        await gateway[Symbol.asyncDispose]();
        await redis.stop();
      },
    };
  }

  it("of version 1 still returns its outcome, and rejects other input without naming the fields", async () => {
    await using gateway = await rewriteRecord(
      ({ version: _version, state: _state, digests: _digests, ...rest }) => rest,
    );
    expect(gateway.record).toMatchObject({ version: 3, digests: { fields: { id: expect.any(String) } } });
    expect((await gateway.ask(CONFIGURE, { input })).data).toEqual(gateway.first.data);
    const other = await gateway.ask(CONFIGURE, { input: { ...input, vcpu: 8 } });
    expect(other.errors?.[0]?.extensions).toMatchObject({
      code: "IDEMPOTENCY_KEY_REUSED",
      correlationId: gateway.first.data.configureCvm.correlationId,
    });
    expect(other.errors?.[0]?.extensions).not.toHaveProperty("fields");
    expect(listWrites(await gateway.calls())).toHaveLength(1);
  });

  it("of a later version is used as far as it is understood", async () => {
    await using gateway = await rewriteRecord((record) => ({
      ...record,
      version: 4,
      state: "new",
      digests: ["new"],
    }));
    expect((await gateway.ask(CONFIGURE, { input })).data).toEqual(gateway.first.data);
    const other = await gateway.ask(CONFIGURE, { input: { ...input, vcpu: 8 } });
    expect(other.errors?.[0]?.extensions.code).toBe("IDEMPOTENCY_KEY_REUSED");
    expect(listWrites(await gateway.calls())).toHaveLength(1);
  });
});

describe("a Redis that stops", { tags: ["redis-server"] }, () => {
  it("fails writes with a key before they are sent, and lets writes without a key through", async () => {
    const redis = await startRedis();
    await using gateway = await startGateway({ environment: { REDIS_URL: redis.url } });
    await gateway.ask(CONFIGURE, { input });
    await gateway.calls();
    await redis.stop();
    const keyed = await gateway.ask(CONFIGURE, {
      input: { ...input, id: "web-legacy", idempotencyKey: "key-3" },
    });
    expect(keyed.errors?.[0]).toMatchObject({
      message: expect.stringContaining("This request sent nothing"),
      extensions: { code: "UPSTREAM_UNAVAILABLE" },
    });
    expect(listWrites(await gateway.calls())).toEqual([]);
    const plain = await gateway.ask(CONFIGURE, { input: { id: "web-legacy", vcpu: 4 } });
    expect(plain.errors).toBeUndefined();
  });

  it("during a write does not change the outcome of that write, and a repeat returns it", async () => {
    const redis = await startRedis();
    await using upstream = await startScripted(async () => {
      await redis.stop();
      return { status: 202, body: { correlation_id: "c-1", status: "in_progress" } };
    });
    const { app, close } = createGateway(upstream.url, { environment: { REDIS_URL: redis.url } });
    const first = await ask(app, CONFIGURE, { input: { ...input, id: "cvm_web" } });
    expect(first.data.configureCvm).toMatchObject({ correlationId: "c-1" });
    const second = await ask(app, CONFIGURE, { input: { ...input, id: "cvm_web" } });
    expect(second.data).toEqual(first.data);
    expect(upstream.requests).toHaveLength(1);
    await close();
  });
});
