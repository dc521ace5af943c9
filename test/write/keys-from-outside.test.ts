import { describe, expect, it } from "vitest";
import { keyLimits } from "../../src/limits.ts";
import { startMain } from "../support/process.ts";
import { startRedis } from "../support/redis/server.ts";
import { startSlowProxy } from "../support/redis/slow-proxy.ts";
import { CVM, startScripted } from "../support/upstream/scripted.ts";

const WRITE = `mutation ($key: ID!) {
  configureCvm(input: { id: "cvm_web", vcpu: 4, idempotencyKey: $key }) { ... on InProgress { correlationId } }
}`;

/** An upstream that accepts each write under a number of its own. */
async function startCounting() {
  let number = 0;
  const upstream = await startScripted(({ method }) => {
    if (method !== "PATCH") return { body: CVM };
    number += 1;
    return { status: 202, body: { correlation_id: `c-${number}`, status: "in_progress" } };
  });
  return {
    ...upstream,
    countWrites: (caller: string) =>
      upstream.requests.filter(({ method, headers }) => method === "PATCH" && headers["x-api-key"] === caller)
        .length,
  };
}

describe("idempotency keys of a gateway process", () => {
  it("keep the outcome of one caller while another uses more keys than its share", {
    timeout: 60_000,
  }, async () => {
    await using upstream = await startCounting();
    await using gateway = await startMain({ UPSTREAM_URL: upstream.url });
    const write = async (caller: string, key: string) => {
      const response = await gateway.post(WRITE, { "x-api-key": caller }, { key });
      return response.json();
    };
    const first = await write("victim", "key");
    expect(first.data.configureCvm.correlationId).toBe("c-1");
    const keys = Array.from({ length: keyLimits.perCredential + 50 }, (_, index) => `key-${index}`);
    for (let at = 0; at < keys.length; at += 25) {
      const answers = await Promise.all(keys.slice(at, at + 25).map((key) => write("greedy", key)));
      expect(answers.filter(({ errors }) => errors !== undefined)).toEqual([]);
    }
    expect(await write("victim", "key")).toEqual(first);
    expect(upstream.countWrites("victim")).toBe(1);
    // Only the oldest keys of the same caller made room.
    await write("greedy", keys.at(-1) ?? "");
    expect(upstream.countWrites("greedy")).toBe(keys.length);
  });
});

describe("a slow Redis", { tags: ["redis-server"] }, () => {
  it("delays writes, and one that is too slow leaves the key free", { timeout: 60_000 }, async () => {
    await using redis = await startRedis();
    await using proxy = await startSlowProxy(redis.port);
    await using upstream = await startCounting();
    await using gateway = await startMain({ UPSTREAM_URL: upstream.url, REDIS_URL: proxy.url });
    const write = async (key: string) => {
      const response = await gateway.post(WRITE, { "x-api-key": "caller" }, { key });
      return response.json();
    };
    expect((await write("warm")).errors).toBeUndefined();

    proxy.setDelay(600);
    const [one, two] = await Promise.all([write("slow"), write("slow")]);
    expect(one.errors).toBeUndefined();
    expect(two).toEqual(one);
    expect(upstream.countWrites("caller")).toBe(2);

    proxy.setDelay(3_000);
    const { errors } = await write("too-slow");
    expect(errors[0].extensions).toMatchObject({ code: "UPSTREAM_UNAVAILABLE", retryable: true });
    expect(errors[0].message).toContain("This request sent nothing");
    expect(upstream.countWrites("caller")).toBe(2);
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);

    proxy.setDelay(0);
    await expect.poll(async () => (await write("too-slow")).errors, { timeout: 15_000 }).toBeUndefined();
    expect(upstream.countWrites("caller")).toBe(3);
    expect(await write("slow")).toEqual(one);
  });
});
