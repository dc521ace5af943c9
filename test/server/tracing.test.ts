import { describe, expect, it } from "vitest";
import { startMain } from "../support/process.ts";
import { reply, startRawUpstream, writeReply } from "../support/upstream/raw.ts";
import { startScripted } from "../support/upstream/scripted.ts";

type Span = {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly code: number };
};

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";
const EMPTY_PAGE = { items: [], total: 0, page: 1, page_size: 1, pages: 0 };

type Collector = Awaited<ReturnType<typeof startScripted>>;

const readBodies = ({ requests }: Collector) => requests.map(({ body }) => body).join();

function readSpans({ requests }: Collector): Span[] {
  return requests.flatMap(({ body }) =>
    JSON.parse(body).resourceSpans.flatMap((resource: { scopeSpans: { spans: Span[] }[] }) =>
      resource.scopeSpans.flatMap(({ spans }) => spans),
    ),
  );
}

describe("tracing", () => {
  it("emits one span for the operation, each upstream call and each wait, and forwards traceparent", async () => {
    await using collector = await startScripted(() => ({ body: {} }));
    await using upstream = await startRawUpstream({
      onRequest(socket, _request, count) {
        writeReply(socket, count === 1 ? 503 : 200, JSON.stringify(EMPTY_PAGE));
      },
    });
    await using main = await startMain({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      UPSTREAM_URL: upstream.url,
    });
    const query = 'query CanaryName { cvms(first: 1, after: "Y3ZtOjA") { totalCount } }';
    await main.ask(query, {
      "x-api-key": "canary-key-5150",
      traceparent: `00-${TRACE}-${PARENT}-01`,
      baggage: "secret=canary-baggage",
    });
    expect(await main.stop()).toBe(0);
    const spans = readSpans(collector);
    const operation = spans.find(({ name }) => name === "query cvms");
    expect(operation).toMatchObject({ traceId: TRACE, parentSpanId: PARENT });
    const calls = spans.filter(({ name }) => name === "GET /cvms/paginated");
    expect(calls.length).toBeGreaterThanOrEqual(2);
    expect(spans.filter(({ name }) => name === "wait to retry")).toHaveLength(1);
    for (const span of spans) expect(span.traceId).toBe(TRACE);
    for (const call of calls) expect(call.parentSpanId).toBe(operation?.spanId);
    const sent = upstream.requests.map(({ headers }) => headers["traceparent"]);
    expect(sent.every((header) => calls.some(({ spanId }) => header === `00-${TRACE}-${spanId}-01`))).toBe(
      true,
    );
    expect(upstream.requests.some(({ headers }) => "baggage" in headers)).toBe(false);
    expect(readBodies(collector)).not.toMatch(/canary/i);
    expect(readBodies(collector)).toContain("cvm-gateway");
  });

  it("marks failed spans with the error code", async () => {
    await using collector = await startScripted(() => ({ body: {} }));
    await using upstream = await startRawUpstream(reply(401, { detail: "canary-detail" }));
    await using main = await startMain({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      UPSTREAM_URL: upstream.url,
    });
    await main.ask(
      'mutation { configureCvm(input: { id: "canary-cvm", userConfig: "canary-input" }) { __typename } }',
    );
    await main.stop();
    const spans = readSpans(collector);
    expect(spans.find(({ name }) => name === "mutation configureCvm")?.status.code).toBe(2);
    expect(readBodies(collector)).toContain("UNAUTHENTICATED");
    expect(readBodies(collector)).not.toMatch(/canary/i);
  });

  it("is off by default and when it is disabled", async () => {
    await using collector = await startScripted(() => ({ body: {} }));
    await using upstream = await startRawUpstream(reply(200, EMPTY_PAGE));
    for (const environment of [
      {},
      { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SDK_DISABLED: "true" },
    ]) {
      await using main = await startMain({ UPSTREAM_URL: upstream.url, ...environment });
      await main.ask("{ cvms { totalCount } }");
      await main.stop();
    }
    expect(collector.requests).toEqual([]);
    expect(upstream.requests.every(({ headers }) => !("traceparent" in headers))).toBe(true);
  });
});
