import { describe, expect, it } from "vitest";
import { createMetrics } from "../../src/server/telemetry/metrics.ts";
import { startGateway } from "../support/gateway.ts";
import { startMain } from "../support/process.ts";

async function start(environment: Readonly<Record<string, string>> = {}) {
  const metrics = createMetrics();
  const gateway = await startGateway({ metrics, environment });
  return {
    ...gateway,
    read: () => metrics.registry.metrics(),
    async value(series: string): Promise<number | undefined> {
      const line = (await metrics.registry.metrics())
        .split("\n")
        .find((text) => text.startsWith(`${series} `));
      return line === undefined ? undefined : Number(line.slice(series.length + 1));
    },
  };
}

const operations = (type: string, operation: string, outcome: string) =>
  `cvm_gateway_operations_total{type="${type}",operation="${operation}",outcome="${outcome}"}`;

describe("metrics", () => {
  it("count and time operations by root field and outcome", async () => {
    await using gateway = await start();
    await gateway.ask("query Mine { cvms { totalCount } }");
    await gateway.ask("query Yours { cvms { totalCount } }");
    await gateway.ask("{ cvms { totalCount } }", {}, {});
    await gateway.ask('mutation { configureCvm(input: { id: "no-such-cvm", vcpu: 2 }) { __typename } }');
    await gateway.ask("{ nope }");
    await gateway.ask("{ nope");
    expect(await gateway.value(operations("query", "cvms", "ok"))).toBe(2);
    expect(await gateway.value(operations("query", "cvms", "UNAUTHENTICATED"))).toBe(1);
    expect(await gateway.value(operations("mutation", "configureCvm", "NOT_FOUND"))).toBe(1);
    expect(await gateway.value(operations("query", "other", "GRAPHQL_VALIDATION_FAILED"))).toBe(1);
    expect(await gateway.value(operations("none", "none", "GRAPHQL_PARSE_FAILED"))).toBe(1);
    const count = 'cvm_gateway_operation_duration_seconds_count{type="query",operation="cvms"}';
    expect(await gateway.value(count)).toBe(3);
  });

  it("count upstream calls by endpoint and status, and retries", async () => {
    await using gateway = await start();
    await gateway.ask('{ cvm(id: "web-phala") { stats { isOnline } } }');
    await gateway.ask('{ cvm(id: "fails-503") { id } }');
    const calls = 'cvm_gateway_upstream_calls_total{method="GET",endpoint=';
    expect(await gateway.value(`${calls}"/cvms/{id}",status="200"}`)).toBe(1);
    expect(await gateway.value(`${calls}"/cvms/{id}/stats",status="200"}`)).toBe(1);
    expect(await gateway.value(`${calls}"/cvms/{id}",status="503"}`)).toBe(3);
    const retries = 'cvm_gateway_upstream_retries_total{method="GET",endpoint="/cvms/{id}"}';
    expect(await gateway.value(retries)).toBe(2);
    expect(await gateway.value("cvm_gateway_upstream_breaker_state")).toBe(0);
    expect(await gateway.read()).toContain("nodejs_eventloop_lag_seconds");
  });

  it("count failures of Redis, and start at 0", async () => {
    await using healthy = await start();
    expect(await healthy.value("cvm_gateway_redis_failures_total")).toBe(0);
    await using gateway = await start({ REDIS_URL: "redis://127.0.0.1:1" });
    await expect.poll(() => gateway.value("cvm_gateway_redis_failures_total")).toBeGreaterThan(0);
  });

  it("have a fixed number of series and contain no values of clients", async () => {
    await using gateway = await start();
    for (let round = 0; round < 40; round += 1) {
      await gateway.ask(`query Name${round} { a${round}: cvm(id: "canary-cvm-${round}") { id } }`);
      await gateway.ask(`query { nope${round} }`);
    }
    const text = await gateway.read();
    expect(text).not.toMatch(/canary|Name\d|nope|sandbox-test/);
    expect(text.split("\n").filter((line) => line.startsWith("cvm_gateway_operations_total{"))).toHaveLength(
      2,
    );
  });

  it("are served only on their own port", async () => {
    await using main = await startMain({ METRICS_PORT: "0" });
    await main.ask("{ cvms { totalCount } }");
    const [, url = ""] = await main.waitFor(/"url":"(\S+?\/metrics)"/);
    expect(new URL(url).port).not.toBe(new URL(main.url).port);
    const response = await fetch(url);
    expect(response.headers.get("content-type")).toContain("text/plain");
    expect(await response.text()).toContain(operations("query", "cvms", "ok"));
    expect((await fetch(`${main.url}/metrics`)).status).toBe(404);
    expect((await fetch(url.replace("/metrics", "/graphql"))).status).toBe(404);
  });
});
