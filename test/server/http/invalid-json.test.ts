import fc from "fast-check";
import { GraphQLError } from "graphql";
import { describe, expect, it } from "vitest";
import { parseRequestJson } from "../../../src/server/http/request-json.ts";
import { createGateway } from "../../support/gateway.ts";

const SECRET = "canary-5f2b";

async function send(url: string, init: RequestInit) {
  const { app, close } = createGateway("http://127.0.0.1:9");
  const response = await app.fetch(`http://gateway.test${url}`, init);
  const text = await response.text();
  await close();
  return { status: response.status, text, error: JSON.parse(text).errors[0] };
}

const post = (body: string) =>
  send("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": "sandbox-demo" },
    body,
  });

describe("a request body that is not a JSON object", () => {
  it.each([
    [`{ "query": ${SECRET} }`, "error at line 1, column 12"],
    [`{\n  "query": "${SECRET}"\n  "variables": {}\n}`, "error at line 3, column 3"],
    [`{ "query": "${SECRET}", }`, "error at line 1, column 27"],
    [`{ "query": "${SECRET}`, "error at line 1, column 12"],
    [`{ "query": "${SECRET}"`, "it ends too early, at line 1, column 25"],
    [`{ '${SECRET}': 1 }`, "error at line 1, column 3"],
    [`query=${SECRET}`, "error at line 1, column 1"],
  ])("is rejected with the place of the error and without its text: %j", async (body, place) => {
    const { status, text, error } = await post(body);
    expect(status).toBe(400);
    expect(error).toMatchObject({
      message: `The request body is not valid JSON: ${place}.`,
      extensions: { code: "BAD_REQUEST", requestId: expect.any(String) },
    });
    expect(text).not.toContain(SECRET);
  });

  it.each([
    ["nothing", "", "The request body is empty."],
    ["null", "null", "The request body must be a JSON object."],
    ["a text", '"text"', "The request body must be a JSON object."],
    ["more than is searched for the place", `[${" ".repeat(300_000)}`, "The request body is not valid JSON."],
    [
      "too many values",
      `{"query":"{ __typename }","variables":{"a":[${"1,".repeat(25_000)}`,
      "The request body has too many values: lists and objects can have 25000 items and fields together.",
    ],
  ])("is rejected with what is wrong: %s", async (_name, body, message) => {
    const { status, error } = await post(body);
    expect({ status, message: error.message }).toEqual({ status: 400, message });
  });

  it("is not taken for one because of what its strings hold", async () => {
    const script = `${'[{,\\"'.repeat(30_000)}\\`;
    const body = JSON.stringify({ query: "{ viewer { subject } }", variables: { script } });
    const { app, close } = createGateway("http://127.0.0.1:9");
    const headers = { "content-type": "application/json", "x-api-key": "sandbox-demo" };
    const response = await app.fetch("http://gateway.test/graphql", { method: "POST", headers, body });
    expect(await response.json()).toEqual({ data: { viewer: { subject: null } } });
    await close();
  });

  it("includes the query string, whose parameter is named", async () => {
    const { status, error, text } = await send(`/graphql?query={__typename}&variables={${SECRET}`, {});
    expect(status).toBe(400);
    expect(error.message).toBe(
      "The parameter variables of the query string is not valid JSON: error at line 1, column 2.",
    );
    expect(text).not.toContain(SECRET);
  });
});

describe("the place of an error in JSON", () => {
  const describeError = (text: string): string | null => {
    try {
      parseRequestJson("It", text);
      return null;
    } catch (error) {
      return error instanceof GraphQLError ? error.message : String(error);
    }
  };

  /** Return where JSON.parse sees the error, for the messages that name a place. */
  const locateByEngine = (text: string): string | undefined => {
    try {
      JSON.parse(text);
      return undefined;
    } catch (error) {
      const message = String(error);
      // Inside of a string or a number, the engine names the character; the gateway names the start of the token.
      if (/string|escape|control|number|fraction|exponent|digit/i.test(message)) return undefined;
      const [, line, column] = /line (\d+) column (\d+)/.exec(message) ?? [];
      return line && `line ${line}, column ${column}.`;
    }
  };

  it("is the one that JSON.parse reports", () => {
    const json = fc.json();
    const edit = fc.constantFrom(...'{}[],:"\\x0-. \n\u0001\u0080tn', "");
    const text = fc.tuple(json, fc.nat(), edit, fc.nat(1)).map(([valid, at, inserted, removed]) => {
      const start = at % (valid.length + 1);
      return valid.slice(0, start) + inserted + valid.slice(start + removed);
    });
    fc.assert(
      fc.property(text, (changed) => {
        const place = locateByEngine(changed);
        if (place !== undefined) expect(describeError(changed)).toContain(place);
      }),
      { numRuns: 2_000 },
    );
  });
});
