import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { lockTimes } from "../../src/redis/limits.ts";
import { type Answer, ask, createGateway } from "../support/gateway.ts";
import { CONFIGURE, writeMutation } from "../support/mutations.ts";
import { startMain } from "../support/process.ts";
import { command } from "../support/redis/command.ts";
import { startRedis } from "../support/redis/server.ts";
import { until } from "../support/streaming-gateway.ts";
import type { RecordedRequest, Reply } from "../support/upstream/reply.ts";
import { CVM, startScripted } from "../support/upstream/scripted.ts";

const STOP = writeMutation("stopCvm", "status");
const VERSION = '{ cvm(id: "cvm_web") { configVersion } }';
const TAKEN: Reply = { status: 202, body: { status: "in_progress", correlation_id: "corr-12345678" } };
const COMPOSE = '{"allowed_envs":["A"],"docker_compose_file":"x","name":"web","pre_launch_script":"y"}';
const CVM_WITH_HASH = {
  ...CVM,
  kms_type: "base",
  kms_info: { chain_id: 8453 },
  compose_hash: createHash("sha256").update(COMPOSE).digest("hex"),
};
const REQUIRED: Reply = { status: 465, body: { compose_hash: "ab".repeat(32), app_id: "cd".repeat(20) } };

type Held = { readonly request: RecordedRequest; readonly release: (reply?: Reply) => void };

/** A Redis, a REST API whose answers to writes the test releases, and gateways in this process. */
async function start(options: { readonly environment?: Readonly<Record<string, string>> } = {}) {
  const redis = await startRedis();
  const held: Held[] = [];
  let holdsReads = false;
  const heldReads: Held[] = [];
  const hold = (list: Held[], request: RecordedRequest, usual: Reply) =>
    new Promise<Reply>((resolve) => list.push({ request, release: (reply = usual) => resolve(reply) }));
  const upstream = await startScripted((request) => {
    if (request.method === "GET") {
      if (request.path.includes("/compose_file"))
        return { headers: { "content-type": "text/plain" }, body: COMPOSE };
      return holdsReads ? hold(heldReads, request, { body: CVM_WITH_HASH }) : { body: CVM_WITH_HASH };
    }
    if (request.path.endsWith("/is-allowed")) return { body: { is_allowed: true, device_id_allowed: true } };
    return request.path.endsWith("/stop") ? TAKEN : hold(held, request, TAKEN);
  });
  const environment = { REDIS_URL: redis.url, ...options.environment };
  const logs: string[] = [];
  const gateways = [0, 1].map(() => createGateway(upstream.url, { environment, logs }));
  const send = (index: number, input: object, query = CONFIGURE, init: RequestInit = {}): Promise<Answer> => {
    const app = gateways[index]?.app;
    if (app === undefined) throw new Error("There is no such gateway.");
    const withInit = { fetch: (url: string, given: RequestInit) => app.fetch(url, { ...given, ...init }) };
    return ask(withInit, query, { input: { id: "cvm_web", ...input } }, { "x-api-key": "key" });
  };
  await until(() => logs.join("").split("Redis can be used").length > gateways.length);
  return {
    redis,
    upstream,
    environment,
    logs,
    held,
    heldReads,
    send,
    holdReads(holds: boolean) {
      holdsReads = holds;
    },
    async readVersion(): Promise<string> {
      const app = gateways[0]?.app;
      if (app === undefined) throw new Error("There is no gateway.");
      return (await ask(app, VERSION, {}, { "x-api-key": "key" })).data.cvm.configVersion;
    },
    async [Symbol.asyncDispose]() {
      for (const { release } of [...held, ...heldReads]) release();
      await Promise.all(gateways.map(({ close }) => close()));
      await upstream.stop();
      await redis.stop();
    },
  };
}

const toCode = ({ errors }: Answer) => errors?.[0]?.extensions.code ?? "sent";

/** Give a write that should wait the time to arrive. */
const settle = () => sleep(500);

describe.concurrent("a write at one gateway", { tags: ["redis-server"], timeout: 40_000 }, () => {
  it("waits for that of another gateway to the same CVM, protected or not, and stopCvm does not", async () => {
    await using world = await start();
    const expectedVersion = await world.readVersion();
    const first = world.send(0, { vcpu: 2 });
    await until(() => world.held.length === 1);
    const second = world.send(1, { vcpu: 4, expectedVersion });
    await settle();
    const stoppedAt = performance.now();
    expect(toCode(await world.send(1, {}, STOP))).toBe("sent");
    expect(performance.now() - stoppedAt).toBeLessThan(400);
    expect(world.held).toHaveLength(1);
    world.held[0]?.release();
    await until(() => world.held.length === 2);
    const third = world.send(0, { vcpu: 8 });
    await settle();
    expect(world.held).toHaveLength(2);
    world.held[1]?.release();
    await until(() => world.held.length === 3);
    world.held[2]?.release();
    expect((await Promise.all([first, second, third])).map(toCode)).toEqual(["sent", "sent", "sent"]);
    const tokens = [...world.logs.join("").matchAll(/"lockToken":"(\d+)"/g)].map(([, token]) =>
      Number(token),
    );
    expect(tokens).toHaveLength(3);
    expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
    expect(new Set(tokens).size).toBe(3);
  });

  it("does not wait for another CVM, credential or workspace", async () => {
    await using world = await start();
    const writes = [
      world.send(0, { vcpu: 2 }),
      world.send(1, { id: "cvm_other", vcpu: 2 }),
      world.send(1, { vcpu: 2 }, CONFIGURE, {
        headers: { "content-type": "application/json", "x-api-key": "another" },
      }),
      world.send(1, { vcpu: 2 }, CONFIGURE, {
        headers: { "content-type": "application/json", "x-api-key": "key", "x-phala-workspace": "team" },
      }),
    ];
    await until(() => world.held.length === 4);
    for (const { release } of world.held) release();
    expect((await Promise.all(writes)).map(toCode)).toEqual(["sent", "sent", "sent", "sent"]);
  });

  it("ends its wait with its client, and with the time of its request, and sends nothing", async () => {
    await using world = await start({ environment: { REQUEST_TIMEOUT_MS: "2000" } });
    const first = world.send(0, { vcpu: 2 });
    await until(() => world.held.length === 1);
    const client = new AbortController();
    const left = world.send(1, { vcpu: 4 }, CONFIGURE, { signal: client.signal }).catch(() => null);
    await settle();
    client.abort();
    await left;
    expect(toCode(await world.send(1, { vcpu: 8 }))).toBe("CANCELLED");
    world.held[0]?.release();
    expect(toCode(await first)).toBe("sent");
    const last = world.send(1, { vcpu: 16 });
    await until(() => world.held.length === 2);
    world.held[1]?.release();
    expect(toCode(await last)).toBe("sent");
    expect(world.held.map(({ request }) => JSON.parse(request.body).vcpu)).toEqual([2, 16]);
  });

  it("keeps its lock for longer than a lease", async () => {
    await using world = await start();
    const first = world.send(0, { vcpu: 2 });
    await until(() => world.held.length === 1);
    const second = world.send(1, { vcpu: 4 });
    await sleep(lockTimes.lease + 1_000);
    expect(world.held).toHaveLength(1);
    world.held[0]?.release();
    await until(() => world.held.length === 2);
    world.held[1]?.release();
    expect((await Promise.all([first, second])).map(toCode)).toEqual(["sent", "sent"]);
  });

  it("frees its lock within a lease when its process is killed", async () => {
    await using world = await start();
    await using main = await startMain({ UPSTREAM_URL: world.upstream.url, ...world.environment });
    const body = { input: { id: "cvm_web", vcpu: 2 } };
    const lost = main.post(CONFIGURE, { "x-api-key": "key" }, body).catch(() => null);
    await until(() => world.held.length === 1);
    await main.stop("SIGKILL");
    await lost;
    const killedAt = performance.now();
    const second = world.send(1, { vcpu: 4 });
    await until(() => world.held.length === 2, lockTimes.lease + 5_000);
    expect(performance.now() - killedAt).toBeLessThan(lockTimes.lease + 4_000);
    world.held[1]?.release();
    expect(toCode(await second)).toBe("sent");
  });

  it("sends nothing when its process stood still between check and write for longer than a lease", async () => {
    await using world = await start();
    const expectedVersion = await world.readVersion();
    await using main = await startMain({ UPSTREAM_URL: world.upstream.url, ...world.environment });
    const body = { input: { id: "cvm_web", vcpu: 2, expectedVersion } };
    world.holdReads(true);
    const late = main.post(CONFIGURE, { "x-api-key": "key" }, body);
    await until(() => world.heldReads.length === 1);
    world.holdReads(false);
    main.child.kill("SIGSTOP");
    world.heldReads[0]?.release();
    // The other gateway gets the lock when the lease of the first one has ended.
    const second = world.send(1, { vcpu: 4, expectedVersion });
    await until(() => world.held.length === 1, lockTimes.lease + 5_000);
    main.child.kill("SIGCONT");
    const answer = await (await late).json();
    expect(answer.errors[0]).toMatchObject({
      message: expect.stringContaining("lost the lock"),
      extensions: { code: "LOCK_UNAVAILABLE", retryable: true },
    });
    world.held[0]?.release();
    expect(toCode(await second)).toBe("sent");
    expect(world.held).toHaveLength(1);
  });

  it("does not send the second request of a write after its lock was lost", async () => {
    await using world = await start();
    const proof = { composeHash: "ab".repeat(32), transactionHash: "12".repeat(32) };
    const input = { dockerComposeFile: "services:\n  web:\n    image: nginx\n", ...proof };
    const query = writeMutation("updateDockerCompose", "__typename");
    const write = world.send(0, { ...input, idempotencyKey: "key-1" }, query);
    await until(() => world.held.length === 1);
    expect(world.held[0]?.request).toMatchObject({ method: "PATCH" });
    expect(world.held[0]?.request.headers).not.toHaveProperty("x-compose-hash");
    await command(world.redis.url, "FLUSHALL");
    await sleep(lockTimes.renewal + 500);
    world.held[0]?.release(REQUIRED);
    expect((await write).errors?.[0]).toMatchObject({
      message: expect.stringContaining("lost the lock of this CVM before the write was sent"),
      extensions: { code: "LOCK_UNAVAILABLE", retryable: true },
    });
    expect(world.held).toHaveLength(1);
  });
});
