import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lockTimes } from "../../src/redis/limits.ts";
import { type Answer, ask, createGateway } from "../support/gateway.ts";
import { CONFIGURE, writeMutation } from "../support/mutations.ts";
import { command } from "../support/redis/command.ts";
import { startRedis } from "../support/redis/server.ts";
import { startSlowProxy } from "../support/redis/slow-proxy.ts";
import { CVM, startScripted } from "../support/upstream/scripted.ts";

const STOP = writeMutation("stopCvm", "status");
const VERSION = "query ($id: ID!) { cvm(id: $id) { configVersion } }";

/** The rows of the table in docs/redis.md: what Redis does, and what each kind of write gets. */
const rows = readFileSync(join(import.meta.dirname, "../../docs/redis.md"), "utf8")
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim().replaceAll("`", "")))
  .filter((cells) => cells.length === 7 && /^(?:sent|[A-Z_]{8,})$/.test(cells[2] ?? ""))
  .map(([, redis = "", ...outcomes]) => ({ redis, outcomes: outcomes.slice(0, 4) }));

type Redis = Awaited<ReturnType<typeof startRedis>>;

/** How Redis comes into the state of a row. A change happens while a gateway is connected. */
type Scenario = {
  readonly options?: readonly string[];
  readonly delayMs?: number;
  /** Returns what replaces Redis. */
  readonly change?: (redis: Redis) => Promise<Redis | null>;
};

const scenarios: Readonly<Record<string, Scenario>> = {
  "cannot be reached": { change: (redis) => redis.stop().then(() => null) },
  "requires another password": { options: ["--requirepass", "another"] },
  "does not permit a command": { options: ["--user", ..."default on nopass ~* +@all -set".split(" ")] },
  "is full (noeviction)": {
    change: ({ url }) => command(url, "CONFIG", "SET", "maxmemory", 1).then(() => null),
  },
  "does not answer (paused)": {
    async change(redis) {
      redis.pause();
      return null;
    },
  },
  "answers after 3 s": { delayMs: 3_000 },
  "answers after 0.4 s": { delayMs: 400 },
  "was restarted, for 10 s": {
    async change(redis) {
      await redis.stop();
      return startRedis(redis.port);
    },
  },
  "was emptied (FLUSHALL), for 10 s": { change: ({ url }) => command(url, "FLUSHALL").then(() => null) },
};

/** Start a REST API with any number of CVMs, and a gateway. */
async function start(redisUrl: string) {
  const upstream = await startScripted(({ method, path }) => {
    const id = path.split(/[/?]/)[2] ?? "";
    if (method === "GET") return { body: { ...CVM, id } };
    return { status: 202, body: { correlation_id: `c-${id}`, status: "in_progress" } };
  });
  const logs: string[] = [];
  const gateway = createGateway(upstream.url, { environment: { REDIS_URL: redisUrl }, logs });
  const { data } = await ask(gateway.app, VERSION, { id: "cvm_version" });
  const expectedVersion: string = data.cvm.configVersion;
  const send = (query: string, input: Readonly<Record<string, unknown>>) =>
    ask(gateway.app, query, { input });
  return {
    logs,
    /** Send a write of each kind, in the order of the table. */
    sendAll: (key: string) =>
      Promise.all([
        send(CONFIGURE, { id: "cvm_key", vcpu: 2, idempotencyKey: key }),
        send(CONFIGURE, { id: "cvm_version", vcpu: 2, expectedVersion }),
        send(CONFIGURE, { id: "cvm_plain", vcpu: 2 }),
        send(STOP, { id: "cvm_stop", idempotencyKey: `stop-${key}` }),
      ]),
    countWrites: (id: string) =>
      upstream.requests.filter(({ method, path }) => method !== "GET" && path.includes(id)).length,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await upstream.stop();
    },
  };
}

type Started = Awaited<ReturnType<typeof start>>;

const toOutcome = ({ errors }: Answer) => errors?.[0]?.extensions.code ?? "sent";

/** Expect the outcomes of a row, and that a refused write was not sent and can be sent again. */
function expectOutcomes({ countWrites }: Started, answers: readonly Answer[], outcomes: readonly string[]) {
  expect(answers.map(toOutcome)).toEqual(outcomes);
  const ids = ["cvm_key", "cvm_version", "cvm_plain", "cvm_stop"];
  expect(ids.map(countWrites)).toEqual(outcomes.map((outcome) => (outcome === "sent" ? 1 : 0)));
  for (const error of answers.flatMap(({ errors = [] }) => errors)) {
    expect(error.extensions).toMatchObject({ retryable: true });
    expect(error.message).toContain("This request sent nothing");
  }
}

describe.concurrent("a Redis that", { tags: ["redis-server"], timeout: 40_000 }, () => {
  it.each(rows.filter(({ redis }) => redis in scenarios))("$redis", async ({ redis: state, outcomes }) => {
    const { options = [], delayMs = 0, change = async () => null } = scenarios[state] ?? {};
    await using redis = await startRedis(undefined, options);
    await using proxy = await startSlowProxy(redis.port);
    await using gateway = await start(proxy.url);
    if (options.length === 0) {
      await expect.poll(() => gateway.logs.join(""), { timeout: 10_000 }).toContain("Redis can be used");
    }
    proxy.setDelay(delayMs);
    await using next = await change(redis);
    if (next !== null) {
      await expect.poll(() => gateway.logs.join(""), { timeout: 10_000 }).toContain("was restarted");
    }
    expectOutcomes(gateway, await gateway.sendAll("one"), outcomes);
    if (state.endsWith("for 10 s")) {
      await new Promise((resolve) => setTimeout(resolve, lockTimes.lease));
      expect((await gateway.sendAll("one")).map(toOutcome)).toEqual(["sent", "sent", "sent", "sent"]);
    }
  });

  it("does not answer delays one read of many by its rate limit", async () => {
    await using redis = await startRedis();
    const logs: string[] = [];
    await using upstream = await startScripted(() => ({ body: CVM }));
    const environment = { REDIS_URL: redis.url, RATE_LIMIT_READS: "100" };
    const gateway = createGateway(upstream.url, { environment, logs });
    const measure = async () => {
      const startedAt = performance.now();
      expect((await ask(gateway.app, VERSION, { id: "cvm_web" })).errors).toBeUndefined();
      return performance.now() - startedAt;
    };
    await measure();
    redis.pause();
    expect(await measure()).toBeGreaterThan(1_900);
    for (let read = 0; read < 10; read += 1) expect(await measure()).toBeLessThan(1_000);
    await gateway.close();
  });

  it("has a test for each row of the table", () => {
    const tested = [...Object.keys(scenarios), "has a new master, for 10 s"];
    expect(rows.map(({ redis }) => redis)).toEqual(tested);
  });
});
