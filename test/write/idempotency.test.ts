import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { ask, createGateway, type JournalEntry, serve, startGateway } from "../support/gateway.ts";
import { startRedis } from "../support/redis.ts";

const CONFIGURE = `mutation ($input: ConfigureCvmInput!) {
  configureCvm(input: $input) {
    __typename
    ... on InProgress { status correlationId }
    ... on OnChainHashRequired { composeHash commitToken }
  }
}`;
const writes = (calls: readonly JournalEntry[]) => calls.filter(({ method }) => method !== "GET");
const input = { id: "web-phala", vcpu: 4, idempotencyKey: "key-1" };

describe.each(["memory", "redis"])("an idempotency key kept in %s", (kind) => {
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

  it("lets a repeat have the first one's outcome and sends nothing", async () => {
    await using gateway = await start();
    const first = await gateway.ask(CONFIGURE, { input });
    const second = await gateway.ask(CONFIGURE, { input });
    expect(first.errors).toBeUndefined();
    expect(second.data).toEqual(first.data);
    expect(writes(await gateway.calls())).toHaveLength(1);
  });

  it("joins parallel duplicates to one write", async () => {
    await using gateway = await start();
    const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.ask(CONFIGURE, { input })));
    expect(new Set(answers.map(({ data }) => data.configureCvm.correlationId)).size).toBe(1);
    expect(writes(await gateway.calls())).toHaveLength(1);
  });

  it("keeps a prepared change with its commit token", async () => {
    await using gateway = await start();
    const prepared = { id: "web-base", publicLogs: false, prepareOnly: true, idempotencyKey: "key-2" };
    const first = await gateway.ask(CONFIGURE, { input: prepared });
    expect(first.data.configureCvm.commitToken).toMatch(/./);
    expect((await gateway.ask(CONFIGURE, { input: prepared })).data).toEqual(first.data);
    expect(writes(await gateway.calls())).toHaveLength(1);
  });

  it("refuses other input under the same key, and another operation", async () => {
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
    expect(writes(await gateway.calls())).toHaveLength(1);
  });

  it("belongs to the credential that used it", async () => {
    await using gateway = await start();
    const one = await gateway.ask(CONFIGURE, { input }, { "x-api-key": "sandbox-one" });
    const two = await gateway.ask(
      CONFIGURE,
      { input: { ...input, vcpu: 8 } },
      { "x-api-key": "sandbox-two" },
    );
    expect(one.errors).toBeUndefined();
    expect(two.errors).toBeUndefined();
    expect(writes(await gateway.calls())).toHaveLength(2);
  });

  it("is freed by a refusal, so that the corrected change can use it", async () => {
    await using gateway = await start();
    const refused = await gateway.ask(CONFIGURE, { input: { ...input, image: "no-such-image" } });
    expect(refused.errors).toHaveLength(1);
    const corrected = await gateway.ask(CONFIGURE, { input });
    expect(corrected.errors).toBeUndefined();
  });

  it("keeps an unknown outcome: a repeat is never sent", async () => {
    await using gateway = await start();
    const lost = { ...input, id: "fails-reset" };
    const first = await gateway.ask(CONFIGURE, { input: lost });
    const second = await gateway.ask(CONFIGURE, { input: lost });
    expect([first, second].map(({ errors }) => errors?.[0]?.extensions.code)).toEqual([
      "OUTCOME_UNKNOWN",
      "OUTCOME_UNKNOWN",
    ]);
    expect(writes(await gateway.calls())).toHaveLength(1);
  });

  it("can come as a header for one mutation, and not for two", async () => {
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
    expect(writes(await gateway.calls())).toHaveLength(1);
  });
});

describe("two gateways on one Redis", () => {
  it("let none of two parallel duplicates through", async () => {
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
    expect(writes(await one.calls())).toHaveLength(1);
    await two.close();
  });

  it("keep neither credential, key, input nor outcome in clear", async () => {
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

describe("a dead store", () => {
  it("stops keyed writes before they are sent and leaves others alone", async () => {
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
    expect(writes(await gateway.calls())).toEqual([]);
    const plain = await gateway.ask(CONFIGURE, { input: { id: "web-legacy", vcpu: 4 } });
    expect(plain.errors).toBeUndefined();
  });

  it("that dies while the write runs leaves the caller its outcome, and lets no repeat through after it is back", async () => {
    const redis = await startRedis();
    let sent = 0;
    await using upstream = await serve((request, response) => {
      request.resume().on("end", async () => {
        sent += 1;
        await redis.stop();
        response
          .writeHead(202, { "content-type": "application/json" })
          .end('{"correlation_id":"c-1","status":"in_progress"}');
      });
    });
    const { app, close } = createGateway(upstream.url, { environment: { REDIS_URL: redis.url } });
    const first = await ask(app, CONFIGURE, { input });
    expect(first.data.configureCvm).toMatchObject({ correlationId: "c-1" });
    const second = await ask(app, CONFIGURE, { input });
    expect(second.errors?.[0]?.extensions.code).toBe("UPSTREAM_UNAVAILABLE");
    expect(sent).toBe(1);
    await close();
  });
});
