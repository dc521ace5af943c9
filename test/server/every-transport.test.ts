import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadTrustedDocuments } from "../../src/server/documents/manifest.ts";
import { createGateway } from "../support/gateway.ts";
import { startStreamingGateway, until, WATCH } from "../support/streaming-gateway.ts";
import { type Reply, transports } from "../support/transports.ts";

const KEY = { "x-api-key": "sandbox-test" };
const names = Object.entries(transports);
const ID = "a".repeat(64);
const code = ({ errors }: Reply) => errors?.[0]?.extensions.code;

/** Start a gateway without a REST API, and open a sender on one transport. */
async function start(open: (typeof transports)[string], environment: Readonly<Record<string, string>> = {}) {
  const stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "manifest-"));
  stack.defer(() => rm(folder, { recursive: true }));
  const manifest = join(folder, "manifest.json");
  await writeFile(manifest, JSON.stringify({ [ID]: "query Trusted { __typename }" }));
  const documents = await loadTrustedDocuments(manifest);
  const gateway = createGateway("http://127.0.0.1:9", {
    documents,
    environment: { PERSISTED_DOCUMENTS: manifest, ...environment },
  });
  stack.defer(() => gateway.close());
  const server = await gateway.listen();
  stack.defer(async () => void (await server.drain(0)));
  const sender = stack.use(await open(`${server.url}/graphql`, KEY));
  return { send: sender.send, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

describe.each(names)("%s", (_name, open) => {
  it("runs trusted documents by each kind of id, next to an empty query or none", async () => {
    await using gateway = await start(open, { PERSISTED_ONLY: "true" });
    const persistedQuery = { version: 1, sha256Hash: ID };
    for (const params of [
      { documentId: ID },
      { documentId: `sha256:${ID}`, query: "" },
      { doc_id: ID },
      { extensions: { persistedQuery } },
      { query: "", extensions: { persistedQuery } },
    ]) {
      expect(await gateway.send(params), JSON.stringify(params)).toEqual({ data: { __typename: "Query" } });
    }
  });

  it("rejects unknown ids, and with PERSISTED_ONLY every other document", async () => {
    await using gateway = await start(open, { PERSISTED_ONLY: "true" });
    expect(code(await gateway.send({ documentId: "b".repeat(64) }))).toBe("PERSISTED_DOCUMENT_NOT_FOUND");
    expect(code(await gateway.send({ query: "{ __typename }" }))).toBe("PERSISTED_DOCUMENT_REQUIRED");
    expect((await gateway.send({ documentId: ID })).data).toEqual({ __typename: "Query" });
  });

  it.each(["RATE_LIMIT_ADDRESS_READS", "RATE_LIMIT_READS"])("counts operations for %s", async (setting) => {
    await using gateway = await start(open, { [setting]: "3" });
    const codes: unknown[] = [];
    for (let count = 0; count < 8; count += 1)
      codes.push(code(await gateway.send({ query: "{ __typename }" })));
    expect(codes.filter((found) => found === undefined)).toHaveLength(3);
    expect(codes.filter((found) => found === "RATE_LIMITED")).toHaveLength(5);
  });

  it.each([
    ["a document over a limit", { query: `{ ${"__typename ".repeat(500)} }` }, "GRAPHQL_VALIDATION_FAILED"],
    [
      "an operation over its upstream budget",
      { query: "{ cvms(first: 100) { nodes { dockerCompose } } }" },
      "GRAPHQL_VALIDATION_FAILED",
    ],
    ["a syntax error", { query: "{" }, "GRAPHQL_PARSE_FAILED"],
    [
      "an unknown operation",
      { query: "query A { __typename }", operationName: "B" },
      "OPERATION_RESOLUTION_FAILURE",
    ],
    [
      "a wrong variable",
      { query: "query ($id: ID!) { cvm(id: $id) { id } }", variables: { id: {} } },
      "BAD_USER_INPUT",
    ],
    [
      "two mutations of one CVM",
      {
        query:
          'mutation { a: configureCvm(input: { id: "x", vcpu: 2 }) { __typename } b: configureCvm(input: { id: "x", vcpu: 4 }) { __typename } }',
      },
      "BAD_USER_INPUT",
    ],
    ["no query", {}, "BAD_REQUEST"],
    ["a query that is a number", { query: 7 }, "BAD_REQUEST"],
    ["variables that are a text", { query: "{ __typename }", variables: "{}" }, "BAD_REQUEST"],
    ["an operation name that is a list", { query: "{ __typename }", operationName: ["A"] }, "BAD_REQUEST"],
  ])("answers %s with its error, and the next operation with its result", async (_case, params, expected) => {
    await using gateway = await start(open);
    expect(code(await gateway.send(params))).toBe(expected);
    expect(await gateway.send({ query: "{ __typename }" })).toEqual({ data: { __typename: "Query" } });
  });
});

describe.each(["WebSocket", "SSE with a single connection"])("a subscription over %s", (name) => {
  it("goes on after other operations of its connection have failed", async () => {
    await using gateway = await startStreamingGateway();
    const open = transports[name];
    if (open === undefined) throw new TypeError("There is no such transport.");
    await using sender = await open(gateway.url, KEY);
    const results: Reply[] = [];
    await sender.follow?.({ query: WATCH, variables: { id: "web-phala" } }, (reply) => results.push(reply));
    await until(() => results.length === 1);
    for (const params of [
      { documentId: "x" },
      { query: 7 },
      { query: "" },
      { extensions: { persistedQuery: {} } },
    ]) {
      expect(code(await sender.send(params))).toMatch(/BAD_REQUEST|PARSE_FAILED/);
    }
    await gateway.update("web-phala");
    await gateway.advance(5_000);
    await until(() => results.length > 1);
    expect(results.flatMap(({ errors = [] }) => errors)).toEqual([]);
  });
});
