import { createClient as createSseClient } from "graphql-sse";
import { createClient as createWsClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { documentLimits } from "../../../src/limits.ts";
import { createGateway } from "../../support/gateway.ts";
import { CONFIGURE } from "../../support/mutations.ts";
import { KEY, startStreamingGateway } from "../../support/streaming-gateway.ts";

const TOO_LONG = "The document exceeds the limit of 65536 characters. Send long values as variables.";
const TOO_MANY =
  "The document exceeds the limit of 10000 comparisons of overlapping fields. Select each field in fewer fragments.";

/** Build a valid document of some length. */
const pad = (length: number) => "{ __typename }".padEnd(length, "\n");
const longDocument = pad(documentLimits.characters + 1);
const repeat = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(" ");

async function send(query: string, headers: Readonly<Record<string, string>> = {}, extra: object = {}) {
  const { app } = createGateway("http://127.0.0.1:9", {
    documents: {
      find: (id) => (id === "long" ? longDocument : null),
      has: (text) => text === longDocument,
      reload: async () => 1,
    },
  });
  return app.fetch("http://gateway.test/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": KEY, ...headers },
    body: JSON.stringify({ query, ...extra }),
  });
}

const rejection = (message: string) => ({
  errors: [
    expect.objectContaining({
      message,
      extensions: expect.objectContaining({ code: "GRAPHQL_VALIDATION_FAILED" }),
    }),
  ],
});

describe("the length of a document", () => {
  it("can reach the limit, whatever the length of the variables", async () => {
    const variables = { text: "x".repeat(2 * documentLimits.characters) };
    const response = await send(pad(documentLimits.characters), {}, { variables });
    expect(await response.json()).toEqual({ data: { __typename: "Query" } });
  });

  it.each([
    ["line breaks", pad(documentLimits.characters + 2)],
    ["one long name", `{ ${"a".repeat(1_000_000)} }`],
    ["one long string", `{ cvm(id: "${"a".repeat(1_000_000)}") { id } }`],
    ["a comment", `{ __typename } #${"a".repeat(1_000_000)}`],
    ["text that is not GraphQL", "!".repeat(1_000_000)],
  ])("is limited over HTTP: %s", async (_name, query) => {
    expect(await (await send(query)).json()).toMatchObject(rejection(TOO_LONG));
  });

  it("is limited over SSE", async () => {
    const text = await (
      await send(pad(documentLimits.characters + 2), { accept: "text/event-stream" })
    ).text();
    expect(text).toContain(TOO_LONG);
  });

  it("is limited over WebSocket, and the socket stays open", async () => {
    await using gateway = await startStreamingGateway();
    const client = createWsClient({
      url: gateway.url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${KEY}` },
    });
    const ask = (query: string) => Array.fromAsync(client.iterate({ query }));
    await expect(ask(longDocument)).rejects.toMatchObject([{ message: TOO_LONG }]);
    expect(await ask("{ __typename }")).toEqual([{ data: { __typename: "Query" } }]);
    await client.dispose();
  });

  it("is not limited for a trusted document", async () => {
    const response = await send("", {}, { query: undefined, documentId: "long" });
    expect(await response.json()).toEqual({ data: { __typename: "Query" } });
  });
});

describe("a document of nested brackets that the parser's stack cannot hold", () => {
  const message = "The document has too many nested brackets or braces.";
  const nested = `{ cvm(id: ${"[".repeat(32_000)}`;
  const balanced = `{ cvm(id: ${"[".repeat(990)}${"]".repeat(990)}) { id } }`;

  it("is a client error over HTTP and SSE", async () => {
    expect(await (await send(nested)).json()).toMatchObject(rejection(message));
    const stream = await (await send(nested, { accept: "text/event-stream" })).text();
    expect(stream).toContain(message);
    const { errors } = await (await send(balanced)).json();
    expect(errors[0].extensions.code).not.toBe("INTERNAL_SERVER_ERROR");
  });

  it("is a client error over WebSocket and SSE in single connection mode", async () => {
    await using gateway = await startStreamingGateway();
    const client = createWsClient({
      url: gateway.url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${KEY}` },
    });
    await expect(Array.fromAsync(client.iterate({ query: nested }))).rejects.toMatchObject([{ message }]);
    await client.dispose();

    const sse = createSseClient({
      url: gateway.url,
      singleConnection: true,
      headers: { authorization: `Bearer ${KEY}` },
    });
    const results = await Array.fromAsync(sse.iterate({ query: nested }));
    expect(results).toMatchObject([rejection(message)]);
    sse.dispose();
  });
});

describe("the values of variables", () => {
  const message =
    "The variables have too many values: lists and objects can have 10000 items and fields together.";
  const ask = async (query: string, variables: object) => (await send(query, {}, { variables })).json();
  const excess = (path: string) => ({
    errors: [{ message: `${path}: ${message}`, extensions: { code: "BAD_USER_INPUT", fields: [{ path }] } }],
  });

  it("are limited in their number before any of them is looked at", async () => {
    const allowedEnvs = Array.from({ length: 20_000 }, (_, index) => index);
    expect(await ask(CONFIGURE, { input: { id: "web", allowedEnvs } })).toMatchObject(excess("input"));
    const nested = Array.from({ length: 4_000 }, () => [[{}]]);
    expect(await ask(CONFIGURE, { input: { id: "web", env: nested } })).toMatchObject(excess("input"));
    const many = Object.fromEntries(allowedEnvs.map((index) => [`v${index}`, 1]));
    expect(await ask("{ __typename }", many)).toMatchObject(excess("variables"));
  });

  it("are limited before they are parsed as well", async () => {
    const allowedEnvs = Array.from({ length: 30_000 }, (_, index) => index);
    expect(await ask(CONFIGURE, { input: { id: "web", allowedEnvs } })).toMatchObject({
      errors: [
        {
          message:
            "The request body has too many values: lists and objects can have 25000 items and fields together.",
          extensions: { code: "BAD_USER_INPUT" },
        },
      ],
    });
  });

  it("can be as many as the largest environment needs", async () => {
    const plain = Array.from({ length: 1_024 }, (_, index) => ({ key: `KEY_${index}`, value: "v" }));
    const removeKeys = plain.map(({ key }) => `OLD_${key}`);
    const { errors } = await ask(CONFIGURE, { input: { id: "web", env: { plain }, removeKeys } });
    expect(errors[0].message).not.toContain("too many values");
  });
});

describe("the comparisons of overlapping selections", () => {
  it.each([
    ["inline fragments", `{ ${repeat(150, () => "... { cvms { nodes { id } } }")} }`],
    [
      "inline fragments with arguments",
      `{ ${repeat(120, (i) => `... { cvms(first: ${i}) { nodes { id } } }`)} }`,
    ],
    [
      "inline fragments inside each other",
      `{ ${repeat(100, () => "... { ... { cvms { ... { nodes { id } } } } }")} }`,
    ],
    [
      "fragments",
      `{ ${repeat(90, (i) => `...F${i}`)} } ${repeat(90, (i) => `fragment F${i} on Query { cvms { nodes { id } } }`)}`,
    ],
    [
      "a fragment that is used nowhere",
      `{ __typename } fragment F on Query { ${repeat(150, () => "... { cvms { nodes { id } } }")} }`,
    ],
  ])("are limited: %s", async (_name, query) => {
    expect(await (await send(query)).json()).toMatchObject(rejection(TOO_MANY));
  });

  it("do not grow with fragments that repeat without an overlap", async () => {
    const fields = "id name status appId createdAt";
    const query = `{ ${repeat(25, (i) => `a${i}: cvm(id: "c${i}") { ...F }`)} } fragment F on Cvm { ${fields} }`;
    const { errors } = await (await send(query)).json();
    expect(errors?.map(({ message }: { message: string }) => message)).not.toContain(TOO_MANY);
  });

  it("end with fragments that form a circle", async () => {
    const query = "{ ...A } fragment A on Query { cvms { ...A } cvms { ...A } }";
    const { errors } = await (await send(query)).json();
    expect(errors[0].extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
  });
});
