import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { COMMIT, CONFIGURE, listWrites } from "../support/mutations.ts";
import { startCluster } from "../support/redis/cluster.ts";
import { command } from "../support/redis/command.ts";
import { expectUse, KEYED_WRITE as input, startAndRead } from "../support/redis/expect-use.ts";
import { startRedis } from "../support/redis/server.ts";

const doc = readFileSync(join(import.meta.dirname, "../../docs/redis.md"), "utf8");

describe("the ACL rule of docs/redis.md", { tags: ["redis-server"] }, () => {
  const readRule = (form: RegExp) => form.exec(doc)?.[1] ?? "";
  const rule = readRule(/ACL SETUSER gateway (.*)/);
  const limits = readRule(/with rate limits: `(.*?)`/);
  const password = readRule(/ACL SETUSER gateway .*>(\S+)/);

  /** Create the user on a server, and let nobody else use the server. */
  async function createUser(url: string, ...more: readonly string[]): Promise<void> {
    await command(url, "ACL", "SETUSER", "gateway", ...[rule, ...more].join(" ").split(" "));
    await command(url, "ACL", "SETUSER", "default", "resetpass", ">admin");
  }

  it("with its addition for a cluster permits everything on each master", async () => {
    await using cluster = await startCluster();
    const more = readRule(/for a cluster: `(.*?)`/);
    for (const port of cluster.ports) await createUser(`redis://127.0.0.1:${port}`, more);
    await expectUse({ REDIS_URL: cluster.url.replace("://", `://gateway:${password}@`) });
    for (const port of cluster.ports) {
      expect(await command(`redis://:admin@127.0.0.1:${port}`, "ACL", "LOG")).toEqual([]);
    }
  });

  it("with its addition for a database permits everything there", async () => {
    await using redis = await startRedis();
    await createUser(redis.url, readRule(/another database than 0: `(.*?)`/));
    await expectUse({ REDIS_URL: `redis://gateway:${password}@127.0.0.1:${redis.port}/3` });
    const admin = `redis://:admin@127.0.0.1:${redis.port}`;
    expect(await command(admin, "ACL", "LOG")).toEqual([]);
    expect(await command(`${admin}/3`, "DBSIZE")).toBeGreaterThan(2);
  });

  it.each([...rule.matchAll(/\+(\S+)/g)].map(([, name = ""]) => name))(
    "without %s is reported as missing a command, and never as usable",
    async (name) => {
      await using redis = await startRedis();
      // Another gateway has used this Redis before.
      await using _before = await startAndRead({ REDIS_URL: redis.url }, "Redis can be used");
      await createUser(redis.url, `-${name}`);
      const url = `redis://gateway:${password}@127.0.0.1:${redis.port}`;
      const reason = "does not permit the gateway a command that it needs";
      await using gateway = await startAndRead({ REDIS_URL: url }, reason);
      expect(gateway.logs.join("")).not.toMatch(/Redis can be used|refuses a command/);
    },
  );

  it.each([
    ["that the user may not select", "gateway", 3, "does not permit the gateway a command that it needs"],
    ["that the server does not have", "default", 99, "does not have the database of the URL"],
  ])("does not replace a database %s by another one", async (_case, user, database, reason) => {
    await using redis = await startRedis();
    await createUser(redis.url);
    const secret = user === "gateway" ? password : "admin";
    const url = `redis://${user}:${secret}@127.0.0.1:${redis.port}/${database}`;
    await using gateway = await startAndRead({ REDIS_URL: url }, reason);
    const { errors } = await gateway.ask(CONFIGURE, { input });
    expect(errors?.[0]?.message).toContain(reason);
    expect(listWrites(await gateway.calls())).toEqual([]);
    expect(gateway.logs.join("")).not.toContain("Redis can be used");
    expect(await command(`redis://:admin@127.0.0.1:${redis.port}`, "DBSIZE")).toBe(0);
  });

  it("permits everything that the gateway does, and no command that it does not use", async () => {
    expect(rule).not.toBe("");
    await using redis = await startRedis();
    await createUser(redis.url, limits);
    const environment = {
      REDIS_URL: `redis://gateway:${password}@127.0.0.1:${redis.port}`,
      RATE_LIMIT_WRITES: "100",
    };
    await expectUse(environment);
    await using gateway = await startAndRead(environment, "Redis can be used");
    const { data } = await gateway.ask('{ cvm(id: "web-base") { configVersion } }');
    const protectedInput = { id: "web-base", vcpu: 4, expectedVersion: data.cvm.configVersion };
    expect((await gateway.ask(CONFIGURE, { input: protectedInput })).errors).toBeUndefined();
    await gateway.ask(COMMIT, {
      input: { id: "web-base", composeHash: "11".repeat(32), updateEnvVars: true },
    });
    expect(gateway.logs.join("")).not.toContain("Redis (REDIS_URL)");

    const admin = `redis://:admin@127.0.0.1:${redis.port}`;
    expect(await command(admin, "ACL", "LOG")).toEqual([]);
    const statistics = String(await command(admin, "INFO", "commandstats"));
    const used = [...statistics.matchAll(/^cmdstat_(\S+?):/gm)].map(([, name]) => name);
    const permitted = [...`${rule} ${limits}`.matchAll(/\+(\S+)/g)].map(([, name]) => name);
    expect(permitted.filter((name) => !used.includes(name))).toEqual([]);
  });
});
