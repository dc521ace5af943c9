import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { ask, createGateway, startGateway } from "../support/gateway.ts";
import { setVcpu } from "../support/mutations.ts";
import { startRedis } from "../support/redis/server.ts";
import { serve } from "../support/upstream/listen.ts";

const READ = "{ __typename }";

function start(environment: Readonly<Record<string, string>>, logs?: string[]) {
  const { app } = createGateway("http://127.0.0.1:9", { environment, ...(logs ? { logs } : {}) });
  return {
    app,
    ask: (query: string, key = "first-key") => ask(app, query, {}, { "x-api-key": key }),
    async codes(query: string, times: number, key?: string) {
      const codes: (string | undefined)[] = [];
      for (let round = 0; round < times; round += 1) {
        codes.push((await this.ask(query, key)).errors?.[0]?.extensions.code);
      }
      return codes;
    },
  };
}

/** Send a request over a real socket, from a given address of the loopback network. */
function askFrom(url: string, localAddress: string, forwarded?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${url}/graphql`,
      {
        method: "POST",
        localAddress,
        agent: false,
        headers: {
          "content-type": "application/json",
          ...(forwarded === undefined ? {} : { "x-forwarded-for": forwarded }),
        },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    request.on("error", reject);
    request.end(JSON.stringify({ query: READ }));
  });
}

describe("the rate limit of a credential", () => {
  it("rejects requests over the limit with 429 and Retry-After", async () => {
    const gateway = start({ RATE_LIMIT_READS: "3" });
    expect(await gateway.codes(READ, 3)).toEqual([undefined, undefined, undefined]);
    const { status, headers, errors, data } = await gateway.ask(READ);
    expect(status).toBe(429);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect(Number(headers.get("retry-after"))).toBeLessThanOrEqual(60);
    expect(data).toBeUndefined();
    expect(errors?.[0]?.extensions).toMatchObject({ code: "RATE_LIMITED", retryable: true });
    expect(errors?.[0]?.extensions["retryAfterMs"]).toBeLessThanOrEqual(60_000);
  });

  it("counts reads and writes separately", async () => {
    const gateway = start({ RATE_LIMIT_READS: "2", RATE_LIMIT_WRITES: "1" });
    expect(await gateway.codes(READ, 3)).toEqual([undefined, undefined, "RATE_LIMITED"]);
    expect(await gateway.codes(setVcpu(""), 2)).toEqual(["BAD_USER_INPUT", "RATE_LIMITED"]);
  });

  it("does not affect other credentials", async () => {
    const gateway = start({ RATE_LIMIT_READS: "1" });
    expect(await gateway.codes(READ, 2)).toEqual([undefined, "RATE_LIMITED"]);
    expect(await gateway.codes(READ, 1, "second-key")).toEqual([undefined]);
  });

  it("counts documents with errors", async () => {
    const gateway = start({ RATE_LIMIT_READS: "2" });
    expect(await gateway.codes("{ nope }", 2)).toEqual([
      "GRAPHQL_VALIDATION_FAILED",
      "GRAPHQL_VALIDATION_FAILED",
    ]);
    expect(await gateway.codes("{ nope", 1)).toEqual(["RATE_LIMITED"]);
  });

  it("rejects a write before it is sent upstream", async () => {
    await using gateway = await startGateway({ environment: { RATE_LIMIT_WRITES: "1" } });
    const write = 'mutation { configureCvm(input: { id: "web-phala", vcpu: 4 }) { __typename } }';
    await gateway.ask(write);
    expect((await gateway.ask(write)).errors?.[0]?.extensions.code).toBe("RATE_LIMITED");
    expect((await gateway.calls()).filter(({ method }) => method === "PATCH")).toHaveLength(1);
  });

  it("logs no credential", async () => {
    const logs: string[] = [];
    const gateway = start({ RATE_LIMIT_READS: "1" }, logs);
    await gateway.codes(READ, 3, "canary-credential-77");
    expect(logs.length).toBeGreaterThan(0);
    expect(logs.join()).not.toContain("canary-credential-77");
  });

  it("is off by default", async () => {
    const gateway = start({});
    expect(new Set(await gateway.codes(READ, 200))).toEqual(new Set([undefined]));
  });
});

describe("the rate limit of a client address", () => {
  it("uses the address of the socket, whatever the client claims", async () => {
    const { app } = createGateway("http://127.0.0.1:9", { environment: { RATE_LIMIT_ADDRESS_READS: "2" } });
    await using server = await serve(app);
    expect(await askFrom(server.url, "127.0.0.2")).toBe(200);
    expect(await askFrom(server.url, "127.0.0.2", "10.0.0.1")).toBe(200);
    expect(await askFrom(server.url, "127.0.0.2", "10.0.0.2")).toBe(429);
    expect(await askFrom(server.url, "127.0.0.3")).toBe(200);
  });

  it("uses the address that a trusted proxy appends, and ignores addresses that the client wrote before it", async () => {
    const environment = { RATE_LIMIT_ADDRESS_READS: "1", TRUSTED_PROXIES: "127.0.0.2, 10.1.0.0/16" };
    const { app } = createGateway("http://127.0.0.1:9", { environment });
    await using server = await serve(app);
    expect(await askFrom(server.url, "127.0.0.2", "198.51.100.1")).toBe(200);
    expect(await askFrom(server.url, "127.0.0.2", "198.51.100.2")).toBe(200);
    expect(await askFrom(server.url, "127.0.0.2", "6.6.6.6, 198.51.100.2")).toBe(429);
    expect(await askFrom(server.url, "127.0.0.2", "198.51.100.3, 10.1.2.3")).toBe(200);
    expect(await askFrom(server.url, "127.0.0.2", "198.51.100.3, 10.1.9.9")).toBe(429);
    expect(await askFrom(server.url, "127.0.0.2", "2001:db8:1:2::1")).toBe(200);
    expect(await askFrom(server.url, "127.0.0.2", "2001:db8:1:2:3::9")).toBe(429);
    expect(await askFrom(server.url, "127.0.0.2", "2001:db8:1:3::1")).toBe(200);
    expect(await askFrom(server.url, "127.0.0.4", "198.51.100.9")).toBe(200);
    expect(await askFrom(server.url, "127.0.0.4", "198.51.100.10")).toBe(429);
  });
});

describe("X-Forwarded-For without TRUSTED_PROXIES", () => {
  async function countWarnings(environment: Readonly<Record<string, string>>) {
    const logs: string[] = [];
    const gateway = createGateway("http://127.0.0.1:9", { environment, logs });
    const server = await gateway.listen();
    const count = () => logs.filter((line) => line.includes("TRUSTED_PROXIES")).length;
    await askFrom(server.url, "127.0.0.2");
    const before = count();
    for (const forwarded of ["198.51.100.1", "198.51.100.2"]) {
      await askFrom(server.url, "127.0.0.2", forwarded);
      const socket = new WebSocket(`${server.url.replace("http", "ws")}/graphql`, "graphql-transport-ws", {
        headers: { "x-forwarded-for": forwarded },
      });
      await once(socket, "open");
      socket.terminate();
    }
    await server.drain(0);
    await gateway.close();
    expect(logs.join()).not.toContain("198.51.100");
    return { before, after: count() };
  }

  it("is reported by one warning in the log", async () => {
    expect(await countWarnings({})).toEqual({ before: 0, after: 1 });
    expect(await countWarnings({ TRUSTED_PROXIES: "10.0.0.0/8" })).toEqual({ before: 0, after: 0 });
  });
});

describe("two gateways on one Redis", { tags: ["redis-server"] }, () => {
  it("share one rate limit, and each counts alone when Redis stops", async () => {
    await using redis = await startRedis();
    const environment = { RATE_LIMIT_READS: "4", REDIS_URL: redis.url };
    const gateways = [0, 1].map(() => createGateway("http://127.0.0.1:9", { environment }));
    const codes: (string | undefined)[] = [];
    for (let round = 0; round < 6; round += 1) {
      const gateway = gateways[round % 2];
      if (gateway !== undefined) codes.push((await ask(gateway.app, READ)).errors?.[0]?.extensions.code);
    }
    expect(codes).toEqual([undefined, undefined, undefined, undefined, "RATE_LIMITED", "RATE_LIMITED"]);
    await redis.stop();
    for (const gateway of gateways) {
      expect((await ask(gateway.app, READ)).errors).toBeUndefined();
      await gateway.close();
    }
  });
});
