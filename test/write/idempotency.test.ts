import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { ask, createGateway, startGateway } from "../support/gateway.ts";
import { CONFIGURE, listWrites } from "../support/mutations.ts";
import { startRedis } from "../support/parts/redis.ts";
import { startScripted } from "../support/upstream/scripted.ts";

const input = { id: "web-phala", vcpu: 4, idempotencyKey: "key-1" };

describe.each(["memory", "redis"])("an idempotency key stored in %s", (kind) => {
  const tags = kind === "redis" ? ["redis-server"] : [];
  async function start() {
    const redis = kind === "redis" ? await startRedis() : null;
    const gateway = await startGateway(redis === null ? {} : { environment: { REDIS_URL: redis.url } });
    return {
      ...gateway,
      redis,
      async [Symbol.asyncDispose]() {
        await gateway[Symbol.asyncDispose]();
        await redis?.stop();
      },
    };
  }

  it("returns the outcome of the first write for a repeat and sends nothing", { tags }, async () => {
    await using gateway = await start();
    const first = await gateway.ask(CONFIGURE, { input });
    const second = await gateway.ask(CONFIGURE, { input });
    expect(first.errors).toBeUndefined();
    expect(second.data).toEqual(first.data);
    expect(listWrites(await gateway.calls())).toHaveLength(1);
  });

  it("joins 20 parallel duplicates into one write", { tags }, async () => {
    await using gateway = await start();
    const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.ask(CONFIGURE, { input })));
    expect(new Set(answers.map(({ data }) => data.configureCvm.correlationId)).size).toBe(1);
    expect(listWrites(await gateway.calls())).toHaveLength(1);
  });

  it("returns a prepared change with the same commit token for a repeat", { tags }, async () => {
    await using gateway = await start();
    const prepared = { id: "web-base", publicLogs: false, prepareOnly: true, idempotencyKey: "key-2" };
    const first = await gateway.ask(CONFIGURE, { input: prepared });
    expect(first.data.configureCvm.commitToken).toMatch(/./);
    expect((await gateway.ask(CONFIGURE, { input: prepared })).data).toEqual(first.data);
    expect(listWrites(await gateway.calls())).toHaveLength(1);
  });

  it("rejects different input and a different mutation under the same key", { tags }, async () => {
    await using gateway = await start();
    await gateway.ask(CONFIGURE, { input });
    const other = await gateway.ask(CONFIGURE, { input: { ...input, vcpu: 8 } });
    expect(other.errors?.[0]?.extensions.code).toBe("IDEMPOTENCY_KEY_REUSED");
    const hash = "11".repeat(32);
    const operation = await gateway.ask(
      "mutation ($input: ConfirmCvmPatchInput!) { confirmCvmPatch(input: $input) { status } }",
      {
        input: { id: "web-phala", composeHash: hash, transactionHash: hash, idempotencyKey: "key-1" },
      },
    );
    expect(operation.errors?.[0]?.extensions.code).toBe("IDEMPOTENCY_KEY_REUSED");
    expect(listWrites(await gateway.calls())).toHaveLength(1);
  });

  it("is separate for each credential", { tags }, async () => {
    await using gateway = await start();
    const one = await gateway.ask(CONFIGURE, { input }, { "x-api-key": "sandbox-one" });
    const two = await gateway.ask(
      CONFIGURE,
      { input: { ...input, vcpu: 8 } },
      { "x-api-key": "sandbox-two" },
    );
    expect(one.errors).toBeUndefined();
    expect(two.errors).toBeUndefined();
    expect(listWrites(await gateway.calls())).toHaveLength(2);
  });

  it("is released when the write is rejected, so that the corrected change can use it", {
    tags,
  }, async () => {
    await using gateway = await start();
    const refused = await gateway.ask(CONFIGURE, { input: { ...input, image: "no-such-image" } });
    expect(refused.errors).toHaveLength(1);
    const corrected = await gateway.ask(CONFIGURE, { input });
    expect(corrected.errors).toBeUndefined();
  });

  it("keeps OUTCOME_UNKNOWN and sends no repeat", { tags }, async () => {
    await using gateway = await start();
    const lost = { ...input, id: "fails-reset" };
    const first = await gateway.ask(CONFIGURE, { input: lost });
    const second = await gateway.ask(CONFIGURE, { input: lost });
    expect([first, second].map(({ errors }) => errors?.[0]?.extensions.code)).toEqual([
      "OUTCOME_UNKNOWN",
      "OUTCOME_UNKNOWN",
    ]);
    expect(listWrites(await gateway.calls())).toHaveLength(1);
  });

  it("is accepted as a header for one mutation, and rejected for two", { tags }, async () => {
    await using gateway = await start();
    const headers = { "x-api-key": "sandbox-test", "idempotency-key": "key-9" };
    const plain = { id: "web-phala", vcpu: 4 };
    const first = await gateway.ask(CONFIGURE, { input: plain }, headers);
    expect((await gateway.ask(CONFIGURE, { input: plain }, headers)).data).toEqual(first.data);
    const two = await gateway.ask(
      'mutation { a: configureCvm(input: { id: "web-phala", vcpu: 1 }) { __typename } b: configureCvm(input: { id: "web-legacy", vcpu: 1 }) { __typename } }',
      {},
      headers,
    );
    expect(two.errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "Idempotency-Key" }],
    });
    expect(listWrites(await gateway.calls())).toHaveLength(1);
  });
});

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
    const keys = await client.keys("*");
    const stored = [...keys, ...(await client.mget(keys))].join("\n");
    client.disconnect();
    expect(keys).toHaveLength(1);
    for (const secret of ["sandbox-test", "canary-77", "key-visible", data.configureCvm.commitToken]) {
      expect(stored).not.toContain(secret);
    }
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
      message: expect.stringContaining("Nothing was sent"),
      extensions: { code: "UPSTREAM_UNAVAILABLE" },
    });
    expect(listWrites(await gateway.calls())).toEqual([]);
    const plain = await gateway.ask(CONFIGURE, { input: { id: "web-legacy", vcpu: 4 } });
    expect(plain.errors).toBeUndefined();
  });

  it("during a write does not change the outcome of that write, and a repeat is not sent", async () => {
    const redis = await startRedis();
    await using upstream = await startScripted(async () => {
      await redis.stop();
      return { status: 202, body: { correlation_id: "c-1", status: "in_progress" } };
    });
    const { app, close } = createGateway(upstream.url, { environment: { REDIS_URL: redis.url } });
    const first = await ask(app, CONFIGURE, { input });
    expect(first.data.configureCvm).toMatchObject({ correlationId: "c-1" });
    const second = await ask(app, CONFIGURE, { input });
    expect(second.errors?.[0]?.extensions.code).toBe("UPSTREAM_UNAVAILABLE");
    expect(upstream.requests).toHaveLength(1);
    await close();
  });
});
