import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config.ts";
import { createGateway } from "../support/gateway.ts";
import { CONFIGURE, listWrites } from "../support/mutations.ts";
import { createCa } from "../support/redis/certificates.ts";
import { startCluster } from "../support/redis/cluster.ts";
import { command } from "../support/redis/command.ts";
import { expectUse, KEYED_WRITE as input, startAndRead } from "../support/redis/expect-use.ts";
import { startFakeCluster } from "../support/redis/old-redis.ts";
import { inMemory, launchRedis } from "../support/redis/server.ts";
import { findFreePort } from "../support/upstream/listen.ts";

describe("REDIS_URL", () => {
  it.each([
    ["redis://one", { form: "single", hosts: [{ host: "one", port: 6379 }], tls: null, database: 0 }],
    ["redis://user:p%40ss@one:7000/3", { username: "user", password: "p@ss", database: 3 }],
    ["redis://[::1]:7000", { hosts: [{ host: "::1", port: 7000 }] }],
    [
      "rediss://one?ca=/a.pem&cert=/b.pem&key=/c.pem&servername=redis.example",
      { tls: { ca: "/a.pem", cert: "/b.pem", key: "/c.pem", servername: "redis.example" } },
    ],
    [
      "redis+sentinel://:secret@one,two:27000/main/2?sentinelUsername=watcher",
      {
        form: "sentinel",
        hosts: [
          { host: "one", port: 26_379 },
          { host: "two", port: 27_000 },
        ],
        masterName: "main",
        database: 2,
        sentinelUsername: "watcher",
      },
    ],
    ["rediss+cluster://one:7000,two", { form: "cluster", tls: { ca: null }, masterName: null }],
  ])("can be %s", (url, address) => {
    expect(loadConfig({ REDIS_URL: url }).secrets.redis).toMatchObject(address);
  });

  it.each([
    ["http://hunter2", "must be a redis:// or rediss:// URL"],
    ["redis://one,two", "a single server has one"],
    ["redis://one:hunter2", "must have hosts"],
    ["redis://one:70000", "must have hosts"],
    ["redis://:hunter2%@one", "must be percent-encoded"],
    ["redis://one/hunter2", "must end with the number of a database"],
    ["redis+sentinel://one", "the name of the master"],
    ["redis+cluster://one/1", "with nothing for +cluster"],
    ["redis://one?ca=/hunter2", "may have the options"],
    ["rediss://one?ca=/a&ca=/hunter2", "once each"],
    ["rediss://one?cert=/hunter2", "must have the options cert and key together"],
  ])("cannot be %s, and the message does not quote it", (url, message) => {
    expect(() => loadConfig({ REDIS_URL: url })).toThrow(`REDIS_URL: `);
    expect(() => loadConfig({ REDIS_URL: url })).toThrow(message);
    expect(() => loadConfig({ REDIS_URL: url })).not.toThrow(/hunter2/);
  });

  it("stops the start when it names a file that cannot be read", () => {
    const create = () =>
      createGateway("http://127.0.0.1:1", { environment: { REDIS_URL: "rediss://one?ca=/no-such-file" } });
    expect(create).toThrow("REDIS_URL: the file of the option ca cannot be read (ENOENT)");
  });

  it.each([
    ["one server", "redis://127.0.0.1:9"],
    ["sentinels", "redis+sentinel://127.0.0.1:9,127.0.0.1:9/main"],
    ["a cluster", "redis+cluster://127.0.0.1:9,127.0.0.1:9"],
  ])("of %s that cannot be reached rejects a keyed write unsent, soon", async (_form, url) => {
    const text = "Redis (REDIS_URL) cannot be reached";
    await using gateway = await startAndRead({ REDIS_URL: url }, text);
    const startedAt = performance.now();
    const { errors } = await gateway.ask(CONFIGURE, { input });
    expect(errors?.[0]?.extensions.code).toBe("UPSTREAM_UNAVAILABLE");
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    expect(listWrites(await gateway.calls())).toEqual([]);
  });
});

describe("a cluster", { tags: ["redis-server"] }, () => {
  it("is used with its keys on all masters", async () => {
    await using cluster = await startCluster();
    await expectUse({ REDIS_URL: cluster.url });
    for (const port of cluster.ports) {
      expect(await command(`redis://127.0.0.1:${port}`, "DBSIZE")).toBeGreaterThan(3);
    }
  });

  it("is recognised behind the URL of a single server", async () => {
    await using cluster = await startCluster();
    const reason = "is a cluster: the URL needs redis+cluster://";
    await using _gateway = await startAndRead({ REDIS_URL: `redis://127.0.0.1:${cluster.ports[0]}` }, reason);
  });
});

describe("a cluster in which one master is before 7.0", () => {
  it("is reported as too old", async () => {
    await using cluster = await startFakeCluster(["7.2.4", "6.2.14", "8.0.1"]);
    const reason = "is too old: Redis 7.0 or later is required";
    await using gateway = await startAndRead({ REDIS_URL: cluster.url }, reason);
    expect(gateway.logs.join("")).toContain('"code":"REDIS_6.2.14"');
  });
});

describe("TLS", { tags: ["redis-server", "openssl"] }, () => {
  async function startTlsRedis(ca: ReturnType<typeof createCa>, subject: string) {
    const port = await findFreePort();
    const { cert, key } = ca.sign("server", subject);
    const tls = ["--tls-port", port, "--tls-cert-file", cert, "--tls-key-file", key];
    const server = await launchRedis([...inMemory(0), ...tls.map(String), "--tls-ca-cert-file", ca.ca]);
    return { ...server, url: `rediss://127.0.0.1:${port}` };
  }

  it("with a CA of your own and a certificate of the gateway", async () => {
    using ca = createCa();
    await using redis = await startTlsRedis(ca, "IP:127.0.0.1");
    const { cert, key } = ca.sign("gateway", "DNS:gateway");
    await expectUse({ REDIS_URL: `${redis.url}?ca=${ca.ca}&cert=${cert}&key=${key}` });
  });

  it("compares the certificate with servername, where the address has another name", async () => {
    using ca = createCa();
    await using redis = await startTlsRedis(ca, "DNS:redis.example");
    const { cert, key } = ca.sign("gateway", "DNS:gateway");
    const url = `${redis.url}?ca=${ca.ca}&cert=${cert}&key=${key}`;
    const reason = "Redis (REDIS_URL) has a certificate that the gateway does not trust";
    await using _gateway = await startAndRead({ REDIS_URL: url }, reason);
    await expectUse({ REDIS_URL: `${url}&servername=redis.example` });
  });

  it("does not trust a CA that it does not know", async () => {
    using ca = createCa();
    await using redis = await startTlsRedis(ca, "IP:127.0.0.1");
    const reason = "Redis (REDIS_URL) has a certificate that the gateway does not trust";
    await using _gateway = await startAndRead({ REDIS_URL: redis.url }, reason);
  });
});
