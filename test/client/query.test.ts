import { buildSchema, parse, print, stripIgnoredCharacters } from "graphql";
import { describe, expect, it } from "vitest";
import { ReadCvmDocument } from "../../packages/client/src/documents.ts";
import { createCvmClient, type Fetch } from "../../packages/client/src/index.ts";
import { toDocumentText } from "../../packages/client/src/requests/print-document.ts";
import { startClientGateway } from "./client-gateway.ts";

const KITCHEN_SINK = `
  query Read($id: ID! = "a\\"b", $ids: [ID!]! = ["x", "y"], $flag: Boolean @deprecated) @live {
    alias: cvm(id: $id) @include(if: $flag) { ...Fields ... on Cvm @skip(if: false) { name } ... { id } }
    field(int: 1, float: -1.5e3, text: """block
      "quoted" text""", list: [1, [TRUE]], object: { a: null, b: { c: $id } }, enum: ENUM, yes: true)
  }
  mutation { start }
  subscription S { s }
  fragment Fields on Cvm @f(a: 1) { id }`;

/** Answer every request with a text. */
function answerWith(body: string, status = 200): Fetch {
  return async () => new Response(body, { status });
}

const ask = (fetch: Fetch, query: string, variables = {}) =>
  createCvmClient({ url: "http://gateway.test/graphql", fetch }).query(query, variables);

describe("query", () => {
  it("accepts a document as text, as an object with a text, and as a syntax tree", async () => {
    await using gateway = await startClientGateway();
    const text = "query Name($id: ID!) { cvm(id: $id) { name } }";
    for (const document of [text, Object(text), parse(text, { noLocation: true }), parse(text)]) {
      const data = await gateway.client.query(document, { id: "web-phala" });
      expect(data).toEqual({ cvm: { name: "web-phala" } });
    }
    const { cvm } = await gateway.client.query(ReadCvmDocument, { id: "web-phala" });
    expect(cvm?.resources.vcpu).toBe(1);
  });

  it("prints a syntax tree as graphql does", () => {
    const tree = parse(KITCHEN_SINK, { noLocation: true });
    const normalize = (text: string) => stripIgnoredCharacters(print(parse(text, { noLocation: true })));
    const withoutBlocks = (text: string) =>
      JSON.stringify(parse(text, { noLocation: true })).replaceAll('"block":true', '"block":false');
    expect(withoutBlocks(toDocumentText(tree))).toBe(withoutBlocks(normalize(KITCHEN_SINK)));
  });

  it("rejects what is not a document of a request", () => {
    expect(() => toDocumentText(parse("type A { b: Int }"))).toThrow(TypeError);
    expect(() => toDocumentText({})).toThrow(TypeError);
    expect(() => toDocumentText(buildSchema("type Query { a: Int }"))).toThrow(TypeError);
  });

  it("rejects with a CvmGatewayError that has what the gateway reports, and the data of other fields", async () => {
    await using gateway = await startClientGateway();
    const query =
      'mutation { a: startCvm(input: { id: "stopped-app" }) { status } b: startCvm(input: { id: "nobody" }) { status } }';
    const error = await gateway.client.query(query).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: "CvmGatewayError",
      code: "NOT_FOUND",
      retryable: false,
      path: ["b"],
      requestId: expect.any(String),
      data: { a: { status: "IN_PROGRESS" }, b: null },
    });
  });

  it("never has the text of a variable in a message, whatever answered", async () => {
    const body = JSON.stringify({
      errors: [
        {
          message: 'Variable "$token" got invalid value "hunter2".',
          extensions: { code: "X", fields: [{ path: "input", message: "hunter2 is bad" }] },
        },
        { message: "again hunter2" },
      ],
    });
    const error = await ask(answerWith(body), "{ a }", { input: { list: [{ token: "hunter2" }] } }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: "X", message: 'Variable "$token" got invalid value "…".' });
    expect(JSON.stringify([error, String(error)])).not.toContain("hunter2");
  });

  it.each([
    ["the page of a proxy", answerWith("<html>502</html>", 502), "{ a }", "INVALID_RESPONSE", true],
    ["a page that is not found", answerWith("<html>404</html>", 404), "{ a }", "INVALID_RESPONSE", false],
    [
      "a page of a proxy for a mutation",
      answerWith("<html>", 502),
      "mutation { a }",
      "INVALID_RESPONSE",
      false,
    ],
    ["a connection that fails", () => Promise.reject(new TypeError("x")), "{ a }", "NETWORK_ERROR", true],
    [
      "the same for a mutation",
      () => Promise.reject(new TypeError("x")),
      "mutation { a }",
      "NETWORK_ERROR",
      false,
    ],
  ] as const)("reports %s", async (_name, fetch, query, code, retryable) => {
    await expect(ask(fetch, query)).rejects.toMatchObject({ name: "CvmGatewayError", code, retryable });
  });

  it("ends with the reason of the signal, and after its time limit", async () => {
    const never: Fetch = (_url, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    const client = createCvmClient({ url: "http://gateway.test/graphql", fetch: never });
    await expect(client.query("{ a }", {}, { timeoutMs: 20 })).rejects.toMatchObject({
      code: "NETWORK_ERROR",
    });
    const reason = new Error("left");
    const controller = new AbortController();
    const query = client.query("{ a }", {}, { signal: controller.signal });
    controller.abort(reason);
    await expect(query).rejects.toBe(reason);
  });
});
