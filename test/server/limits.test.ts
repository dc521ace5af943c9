import { isObjectType } from "graphql";
import { describe, expect, it } from "vitest";
import { findFieldCost } from "../../src/schema/core/field-cost.ts";
import { schema } from "../../src/schema/schema.ts";
import { type Answer, createGateway, startGateway } from "../support/gateway.ts";

const nowhere = () => createGateway("http://127.0.0.1:9").app;

async function refuse(query: string, accept = "application/graphql-response+json"): Promise<Answer> {
  const response = await nowhere().fetch("http://gateway.test/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept },
    body: JSON.stringify({ query }),
  });
  return { ...(await response.json()), status: response.status, headers: response.headers };
}

const repeat = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(" ");

/** Build fragments that double the number of fields each time: n lines give 2^n fields. */
const bomb = (levels: number, leaf: string) =>
  [
    "query { ...F0 ...F0 }",
    ...Array.from({ length: levels }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`),
    `fragment F${levels} on Query { ${leaf} }`,
  ].join("\n");

describe("a document over a limit is rejected with the name and value of the limit", () => {
  it.each([
    ["tokens", `{ ${"__typename ".repeat(2001)} }`, "The document exceeds the limit of 2000 tokens."],
    [
      "aliases",
      `{ ${repeat(101, (i) => `a${i}: __typename`)} }`,
      "The document has 101 aliases and repeated fields; the limit is 50.",
    ],
    [
      "repeated fields",
      `{ ${"__typename ".repeat(500)} }`,
      "The document has 499 aliases and repeated fields; the limit is 50.",
    ],
    [
      "directives",
      `{ ${repeat(51, () => "... @skip(if: false) { __typename }")} }`,
      "The document has 51 directives; the limit is 50.",
    ],
    [
      "directives in one place",
      `{ __typename ${"@aa ".repeat(10)} }`,
      "The document has 10 directives in one place; the limit is 5.",
    ],
    [
      "depth",
      `{ ${"a { ".repeat(13)} b ${"} ".repeat(14)}`,
      "The document is 14 fields deep; the limit is 12.",
    ],
    [
      "depth in a fragment",
      `{ ...F } fragment F on Query { ${"a { ".repeat(13)} b ${"} ".repeat(14)}`,
      "The document is 14 fields deep; the limit is 12.",
    ],
    [
      "aliases by fragments",
      bomb(30, "a: __typename"),
      "The document has 2147483648 aliases and repeated fields; the limit is 50.",
    ],
  ])("for %s", async (_name, query, message) => {
    const { status, errors, data } = await refuse(query);
    expect(errors?.map((error) => error.message)).toEqual([message]);
    expect(errors?.[0]?.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
    expect(data).toBeUndefined();
    expect(status).toBe(400);
  });

  it("for a body over 1 MiB, with and without a Content-Length", async () => {
    const body = JSON.stringify({ query: "{ __typename }", padding: "x".repeat(1024 * 1024) });
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(body));
        controller.close();
      },
    });
    for (const sent of [body, stream]) {
      const init = {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": "sandbox-demo" },
        body: sent,
        duplex: "half",
      };
      const response = await nowhere().fetch("http://gateway.test/graphql", init);
      expect(response.status).toBe(413);
      expect((await response.json()).errors[0]).toMatchObject({
        message: "The request body exceeds the limit of 1048576 bytes.",
        extensions: { code: "PAYLOAD_TOO_LARGE" },
      });
    }
  });
});

describe("a request without a credential", () => {
  it.each(["application/json", "application/graphql-response+json", "text/event-stream"])(
    "is refused unread above 256 KiB, with the reason and not its size (%s)",
    async (accept) => {
      const body = `{"query":"{ viewer { subject } }","padding":"${"[".repeat(256 * 1024)}`;
      for (const headers of [{}, { "x-api-key": "" }]) {
        const response = await nowhere().fetch("http://gateway.test/graphql", {
          method: "POST",
          headers: { "content-type": "application/json", accept, ...headers },
          body,
        });
        expect(await response.text()).toContain('"UNAUTHENTICATED"');
      }
    },
  );

  it("may have a document of 64 KB", async () => {
    const { errors } = await refuse(`{ viewer { subject } } # ${"x".repeat(65_000)}`);
    expect(errors).toBeUndefined();
  });
});

describe("the document validation", () => {
  it("rejects a fragment cycle within milliseconds", async () => {
    const started = performance.now();
    const { errors } = await refuse("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }");
    expect(errors?.[0]?.message).toContain("Cannot spread fragment");
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it("handles spreads that double a hundred times at the cost of their text", async () => {
    const started = performance.now();
    const { errors } = await refuse(bomb(100, "__typename"));
    expect(errors ?? []).toEqual([]);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it("reports ten errors at most, and notes that there are more", async () => {
    const { errors } = await refuse(`{ ${repeat(60, (i) => `nope${i}`)} }`);
    expect(errors).toHaveLength(11);
    expect(errors?.[10]?.message).toContain("Too many validation errors");
  });

  it("still allows introspection of the whole schema where introspection is enabled", async () => {
    const { getIntrospectionQuery } = await import("graphql");
    const { errors } = await refuse(getIntrospectionQuery());
    expect(errors).toBeUndefined();
  });
});

describe("the budget of upstream calls", () => {
  it.each([
    ["{ cvms(first: 50) { nodes { dockerCompose } } }", 51],
    ["{ cvms(first: 30) { nodes { dockerCompose stats { isOnline } } } }", 61],
    ["{ cvms { nodes { dockerCompose stats { isOnline } state { status } } } }", 62],
    [`{ ${repeat(26, (i) => `a${i}: cvm(id: "c${i}") { dockerCompose }`)} }`, 52],
    [`{ nodes(ids: [${repeat(26, (i) => `"cvm_${i}"`)}]) { ... on Cvm { state { status } } } }`, 52],
    [
      "query { ...F } fragment F on Query { cvms(first: 50) { ...G } } fragment G on CvmConnection { nodes { stats { isOnline } } }",
      51,
    ],
    [
      `mutation { ${repeat(13, (i) => `a${i}: configureCvm(input: { id: "x${i}", vcpu: 2 }) { __typename }`)} }`,
      65,
    ],
  ])("rejects %s with the number of calls", async (query, calls) => {
    await using gateway = await startGateway();
    const { errors, data } = await gateway.ask(query);
    expect(data).toBeUndefined();
    expect(errors?.[0]?.message).toContain(
      `can cost ${calls} upstream calls; the limit is 50 (MAX_UPSTREAM_CALLS)`,
    );
    expect(errors?.[0]?.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
    expect(await gateway.calls()).toEqual([]);
  });

  it("counts the values of variables", async () => {
    await using gateway = await startGateway();
    const query = "query ($n: Int!) { cvms(first: $n) { nodes { stats { isOnline } } } }";
    expect((await gateway.ask(query, { n: 5 })).errors).toBeUndefined();
    expect((await gateway.ask(query, { n: 50 })).errors?.[0]?.message).toContain("can cost 51");
    expect((await gateway.ask(query, { n: 5 })).errors).toBeUndefined();
  });

  it("counts the value of a variable that is named __proto__", async () => {
    await using gateway = await startGateway();
    const query = "query ($__proto__: Int!) { cvms(first: $__proto__) { nodes { stats { isOnline } } } }";
    for (const _use of [1, 2, 3, 4]) {
      const { errors } = await gateway.ask(query, JSON.parse('{ "__proto__": 50 }'));
      expect(errors?.[0]?.message).toContain("can cost 51");
    }
    expect((await gateway.ask(query, JSON.parse('{ "__proto__": 2 }'))).data.cvms.nodes).toHaveLength(2);
  });

  it("is configurable", async () => {
    await using gateway = await startGateway({ environment: { MAX_UPSTREAM_CALLS: "3" } });
    expect((await gateway.ask("{ cvms(first: 2) { nodes { stats { isOnline } } } }")).errors).toBeUndefined();
    expect((await gateway.ask("{ cvms(first: 3) { nodes { stats { isOnline } } } }")).errors).toHaveLength(1);
  });

  it.each([
    "{ cvms(first: 20) { nodes { id state { status } } } }",
    "{ cvms(first: 4) { nodes { dockerCompose compose { hash } stats { isOnline } state { status } } } }",
    '{ a: cvm(id: "web-phala") { stats { isOnline } } b: cvm(id: "web-phala") { x: stats { isOnline } stats { error } } }',
    '{ a: cvm(id: "web-phala") { state { status } } b: cvm(id: "db-base") { state { status } } cvms { nodes { state { status } } } }',
    "{ a: cvms { totalCount } b: cvms { totalCount } }",
    'mutation { configureCvm(input: { id: "web-phala", vcpu: 4 }) { ... on InProgress { cvm { dockerCompose network { isOnline } } } } }',
  ])("never allows fewer calls than are sent: %s", async (query) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(query);
    const sent = (await gateway.calls()).length;
    expect(sent).toBeGreaterThan(0);
    await using strict = await startGateway({ environment: { MAX_UPSTREAM_CALLS: "1" } });
    const message = (await strict.ask(query)).errors?.[0]?.message ?? "can cost 1 ";
    expect(Number(/can cost (\d+)/.exec(message)?.[1])).toBeGreaterThanOrEqual(sent);
    expect(errors?.map((error) => error.message) ?? []).toEqual([]);
  });

  it("covers every write, and every field whose description declares a cost", () => {
    const silent = Object.values(schema.getTypeMap()).flatMap((type) => {
      if (!isObjectType(type)) return [];
      return Object.values(type.getFields())
        .filter(
          (field) =>
            type === schema.getMutationType() ||
            /\bCosts\b(?! no )/.test(field.description ?? "") ||
            /share one upstream call/.test(field.description ?? ""),
        )
        .filter((field) => findFieldCost(field) === undefined)
        .map((field) => `${type.name}.${field.name}`);
    });
    expect(silent).toEqual([]);
  });
});

describe("extensions.upstream", () => {
  it("reports the upstream calls of an operation when the client requests it", async () => {
    await using gateway = await startGateway();
    const query = '{ a: cvm(id: "web-phala") { stats { isOnline } } b: cvm(id: "web-phala") { id } }';
    const headers = { "x-api-key": "sandbox-test", "x-upstream-stats": "true" };
    const answer = await gateway.ask(query, {}, headers);
    expect(answer).toMatchObject({ extensions: { upstream: { calls: 2, deduplicated: 1, retries: 0 } } });
    expect(await gateway.ask(query)).not.toHaveProperty("extensions");
  });

  it("includes retries", async () => {
    await using gateway = await startGateway();
    const headers = { "x-api-key": "sandbox-test", "x-upstream-stats": "true" };
    const answer = await gateway.ask('{ cvm(id: "fails-503") { id } }', {}, headers);
    expect(answer).toMatchObject({ extensions: { upstream: { calls: 1, retries: 2 } } });
  });
});
