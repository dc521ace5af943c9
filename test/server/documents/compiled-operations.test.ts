import { describe, expect, it } from "vitest";
import { startGateway } from "../../support/gateway.ts";
import { generateQueries } from "../../support/generated-documents.ts";
import { listTestDocuments } from "../../support/test-documents.ts";

/** Values that differ between two sandboxes: ids, ports and times. */
const VOLATILE =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<=127\.0\.0\.1:)\d+|(?<="retryAfterMs":)\d+/g;

/** The breaker opens by time, so it would open at different operations. */
const environment = { UPSTREAM_BREAKER_OPEN_MS: "1" };

/** Sort the errors of an answer: fields that are read in parallel fail in any order. */
function sortErrors(text: string): string {
  const { errors = [], ...rest } = JSON.parse(text);
  const sorted = errors.map((error: unknown) => JSON.stringify(error)).sort();
  return JSON.stringify([Object.keys(rest), rest, sorted]);
}

/** Start two gateways with a sandbox each: one compiles every operation, the other none. */
async function startBoth() {
  await import("graphql-jit");
  const stack = new AsyncDisposableStack();
  const compiling = stack.use(await startGateway({ compileFrom: 1, environment }));
  const interpreting = stack.use(await startGateway({ compileFrom: Number.POSITIVE_INFINITY, environment }));
  const send = async ({ app }: typeof compiling, query: string, variables: object) => {
    const response = await app.fetch("http://gateway.test/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": "sandbox-test", "x-request-id": "same" },
      body: JSON.stringify({ query, variables }),
    });
    return `${response.status} ${sortErrors(await response.text()).replace(VOLATILE, "…")}`;
  };
  // The compiler is loaded after the first operation that needs it.
  await send(compiling, "{ __typename }", {});
  await new Promise((resolve) => setTimeout(resolve, 200));
  return {
    async sendBoth(query: string, variables: object) {
      const compiled = send(compiling, query, variables);
      const interpreted = send(interpreting, query, variables);
      return { compiled: await compiled, interpreted: await interpreted };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

type Sent = { readonly query: string; readonly variables: object };

/** Send operations to both, one after another. @returns the answers that differ, and how many have errors */
async function compare(operations: readonly Sent[]) {
  await using both = await startBoth();
  const differences: unknown[] = [];
  let failed = 0;
  for (const { query, variables } of operations) {
    const { compiled, interpreted } = await both.sendBoth(query, variables);
    if (compiled !== interpreted) differences.push({ query, variables, compiled, interpreted });
    if (!interpreted.endsWith(",[]]")) failed += 1;
  }
  return { differences, failed };
}

describe("a compiled operation answers as graphql-js does", { timeout: 60_000 }, () => {
  const documents = listTestDocuments().filter(({ valid }) => valid);

  it("for every query of the tests", async () => {
    const queries = documents.filter(({ kind }) => kind === "query");
    expect(queries.length).toBeGreaterThan(50);
    expect((await compare(queries)).differences).toEqual([]);
  });

  it("for every mutation of the tests", async () => {
    const mutations = documents.filter(({ kind }) => kind === "mutation");
    expect(mutations.length).toBeGreaterThan(10);
    expect((await compare(mutations)).differences).toEqual([]);
  });

  it("for a variable and an alias that are named __proto__", async () => {
    const variables = JSON.parse('{ "__proto__": 2 }');
    const query = "query ($__proto__: Int!) { a: cvms(first: $__proto__) { __proto__: nodes { name } } }";
    const { differences, failed } = await compare([{ query, variables }]);
    expect({ differences, failed }).toEqual({ differences: [], failed: 0 });
    await using gateway = await startGateway({ compileFrom: 1 });
    const answers = await Promise.all([1, 2, 3].map(() => gateway.ask(query, variables)));
    for (const { data } of answers)
      expect(Object.values(data.a)).toEqual([[expect.anything(), expect.anything()]]);
  });

  it("for generated queries, with their errors and nulls", async () => {
    const { differences, failed } = await compare(generateQueries(120, 7));
    expect(differences).toEqual([]);
    expect(failed).toBeGreaterThan(8);
    expect(failed).toBeLessThan(100);
  });
});
