import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { CONFIGURE, listWrites, UPDATE_ENVS } from "../support/mutations.ts";
import { startRedis } from "../support/redis/server.ts";

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

  it("asks for another key when the second phase comes with that of the first", { tags }, async () => {
    await using gateway = await start();
    const change = { id: "web-base", env: { plain: [] }, removeKeys: ["DATABASE_URL", "API_TOKEN"] };
    const first = await gateway.ask(UPDATE_ENVS, { input: { ...change, idempotencyKey: "key-3" } });
    const { composeHash } = first.data.updateCvmEnvs;
    expect(composeHash).toMatch(/^[0-9a-f]{64}$/);
    const proof = { composeHash, transactionHash: "11".repeat(32), idempotencyKey: "key-3" };
    const { errors } = await gateway.ask(UPDATE_ENVS, { input: { ...change, ...proof } });
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining("The first request applied nothing"),
      extensions: { code: "IDEMPOTENCY_KEY_REUSED" },
    });
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
    expect(operation.errors?.[0]).toMatchObject({
      message: expect.stringContaining("with another mutation"),
      extensions: { code: "IDEMPOTENCY_KEY_REUSED", correlationId: expect.any(String) },
    });
    expect(listWrites(await gateway.calls())).toHaveLength(1);
  });

  it("names the first operation and the fields that differ when an environment is encrypted again", {
    tags,
  }, async () => {
    await using gateway = await start();
    const seal = (byte: string) => ({
      encrypted: { encryptedEnv: byte.repeat(80), keys: ["DATABASE_URL", "API_TOKEN"] },
    });
    const envs = { id: "web-phala", env: seal("aa"), waitIfBusySeconds: 1, idempotencyKey: "key-phone" };
    const first = await gateway.ask(UPDATE_ENVS, { input: envs });
    expect(first.data.updateCvmEnvs.correlationId).toMatch(/./);
    const { waitIfBusySeconds: _, ...again } = { ...envs, env: seal("bb") };
    const repeat = await gateway.ask(UPDATE_ENVS, { input: again });
    expect(repeat.errors?.[0]?.extensions).toMatchObject({
      code: "IDEMPOTENCY_KEY_REUSED",
      retryable: false,
      correlationId: first.data.updateCvmEnvs.correlationId,
      fields: [
        { path: "input.env", message: expect.any(String) },
        { path: "input.waitIfBusySeconds", message: expect.any(String) },
      ],
    });
    expect(repeat.errors?.[0]?.message).toContain("input.env, input.waitIfBusySeconds");
    expect(repeat.errors?.[0]?.message).toContain("Read the operation in extensions.correlationId");
    expect(JSON.stringify(repeat.errors)).not.toMatch(/aaaa|bbbb|DATABASE_URL/);
    expect((await gateway.ask(UPDATE_ENVS, { input: envs })).data).toEqual(first.data);
    expect(listWrites(await gateway.calls())).toHaveLength(1);
  });

  it("advises to read the CVM when the first write left no operation", { tags }, async () => {
    await using gateway = await start();
    const lost = { ...input, id: "fails-reset" };
    await gateway.ask(CONFIGURE, { input: lost });
    const { errors } = await gateway.ask(CONFIGURE, { input: { ...lost, vcpu: 8 } });
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining("Read the progress and the operations of the CVM"),
      extensions: { code: "IDEMPOTENCY_KEY_REUSED", fields: [{ path: "input.vcpu" }] },
    });
    expect(errors?.[0]?.extensions).not.toHaveProperty("correlationId");
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
