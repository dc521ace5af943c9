import { request as httpRequest } from "node:http";
import { describe, expect, it } from "vitest";
import { ask, createGateway, startGateway } from "../support/gateway.ts";
import { startRedis } from "../support/redis.ts";
import { serve } from "../support/upstream/listen.ts";

const READ = "{ __typename }";
const WRITE = 'mutation { configureCvm(input: { id: "", vcpu: 2 }) { __typename } }';

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

/** Asks over a real socket, from an address of the loopback network. */
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

describe("a credential", () => {
  it("that asks too often hears 429 with Retry-After", async () => {
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

  it("has a budget for reads and another for writes", async () => {
    const gateway = start({ RATE_LIMIT_READS: "2", RATE_LIMIT_WRITES: "1" });
    expect(await gateway.codes(READ, 3)).toEqual([undefined, undefined, "RATE_LIMITED"]);
    expect(await gateway.codes(WRITE, 2)).toEqual(["BAD_USER_INPUT", "RATE_LIMITED"]);
  });

  it("spends nobody else's budget", async () => {
    const gateway = start({ RATE_LIMIT_READS: "1" });
    expect(await gateway.codes(READ, 2)).toEqual([undefined, "RATE_LIMITED"]);
    expect(await gateway.codes(READ, 1, "second-key")).toEqual([undefined]);
  });

  it("pays for documents with errors too", async () => {
    const gateway = start({ RATE_LIMIT_READS: "2" });
    expect(await gateway.codes("{ nope }", 2)).toEqual([
      "GRAPHQL_VALIDATION_FAILED",
      "GRAPHQL_VALIDATION_FAILED",
    ]);
    expect(await gateway.codes("{ nope", 1)).toEqual(["RATE_LIMITED"]);
  });

  it("keeps a refused write from the upstream", async () => {
    await using gateway = await startGateway({ environment: { RATE_LIMIT_WRITES: "1" } });
    const write = 'mutation { configureCvm(input: { id: "web-phala", vcpu: 4 }) { __typename } }';
    await gateway.ask(write);
    expect((await gateway.ask(write)).errors?.[0]?.extensions.code).toBe("RATE_LIMITED");
    expect((await gateway.calls()).filter(({ method }) => method === "PATCH")).toHaveLength(1);
  });

  it("is in no log line", async () => {
    const logs: string[] = [];
    const gateway = start({ RATE_LIMIT_READS: "1" }, logs);
    await gateway.codes(READ, 3, "canary-credential-77");
    expect(logs.length).toBeGreaterThan(0);
    expect(logs.join()).not.toContain("canary-credential-77");
  });

  it("has no limit unless one is set", async () => {
    const gateway = start({});
    expect(new Set(await gateway.codes(READ, 200))).toEqual(new Set([undefined]));
  });
});

describe("an IP address", () => {
  it("has a budget of its own, whatever it says of itself", async () => {
    const { app } = createGateway("http://127.0.0.1:9", { environment: { RATE_LIMIT_ADDRESS_READS: "2" } });
    await using server = await serve(app);
    expect(await askFrom(server.url, "127.0.0.2")).toBe(200);
    expect(await askFrom(server.url, "127.0.0.2", "10.0.0.1")).toBe(200);
    expect(await askFrom(server.url, "127.0.0.2", "10.0.0.2")).toBe(429);
    expect(await askFrom(server.url, "127.0.0.3")).toBe(200);
  });

  it("is the one that a trusted proxy names, and not the one that a client writes before it", async () => {
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

describe("two gateways on one Redis", () => {
  it("share one budget, and go on alone when Redis dies", async () => {
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
