import { describe, expect, it } from "vitest";
import { createGateway } from "../../support/gateway.ts";

async function send(query: string, operationName?: unknown) {
  const { app, close } = createGateway("http://127.0.0.1:9");
  const response = await app.fetch("http://gateway.test/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": "k" },
    body: JSON.stringify({ query, operationName }),
  });
  const [error] = (await response.json()).errors;
  await close();
  return { status: response.status, message: error.message, code: error.extensions.code };
}

const TWO = "query Read { __typename } query List { __typename }";

describe("a request without an operation", () => {
  it.each<[string, string, unknown, string]>([
    ["an unknown name", TWO, "Raed", 'The document has no operation named "Raed". It has "Read", "List".'],
    [
      "no name",
      TWO,
      undefined,
      'The document has several operations. Set operationName to one of them: "Read", "List".',
    ],
    [
      "a name for an operation without one",
      "{ __typename }",
      "Read",
      'The document has no operation named "Read". Its operation has no name: leave operationName out.',
    ],
    [
      "a text that cannot be a name",
      TWO,
      "canary-5f2b",
      'The document has no operation with the given operationName. It has "Read", "List".',
    ],
    ["only a fragment", "fragment F on Query { __typename }", undefined, "has no operation"],
  ])("names what the document has: %s", async (_name, query, operationName, message) => {
    const answer = await send(query, operationName);
    expect(answer).toEqual({
      status: 400,
      code: answer.message.startsWith("Fragment")
        ? "GRAPHQL_VALIDATION_FAILED"
        : "OPERATION_RESOLUTION_FAILURE",
      message: expect.stringContaining(message),
    });
  });

  it("lists a limited number of names, each cut", async () => {
    const names = Array.from({ length: 40 }, (_, index) => `${"N".repeat(200)}${index}`);
    const { message } = await send(
      names.map((name) => `query ${name} { __typename }`).join(" "),
      "X".repeat(900),
    );
    expect(message).toContain("and 30 more");
    expect(message.length).toBeLessThan(1_000);
  });
});
