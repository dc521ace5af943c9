import { readFileSync } from "node:fs";
import { GraphQLError } from "graphql";
import { describe, expect, it } from "vitest";
import { type ErrorFacts, errorCatalog } from "../../src/error-catalog.ts";
import { GatewayError } from "../../src/errors.ts";
import { maskError } from "../../src/server/errors/mask-error.ts";
import { protocolErrorCatalog } from "../../src/server/errors/protocol-error-catalog.ts";
import { startGateway } from "../support/gateway.ts";
import { CONFIGURE } from "../support/mutations.ts";

const SECRET = "canary-5f2b";

/** The part of the catalogue that is public. */
function listFacts(catalog: Readonly<Record<string, ErrorFacts>>) {
  return Object.entries(catalog).map(([code, { retryable, cause, remedy }]) => ({
    code,
    retryable,
    cause,
    remedy,
  }));
}

describe("the error catalogue", () => {
  it("is documented in docs/errors.md, each code with cause and remedy, and no other code is", () => {
    const text = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
    const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (yes|no) \| (.+) \| (.+) \|$/gm)].map(
      ([, code, retryable, cause, remedy]) => ({
        code,
        retryable: retryable === "yes",
        cause,
        remedy,
      }),
    );
    expect(rows).toEqual(listFacts({ ...errorCatalog, ...protocolErrorCatalog }));
  });

  it("is returned by errorCatalog", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask("{ errorCatalog { code retryable cause remedy } }");
    expect(data.errorCatalog).toEqual(listFacts(errorCatalog));
  });
});

describe("an error", () => {
  it("contains the code, message, suggestions, links and request id of the REST API", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(CONFIGURE, { input: { id: "no-such-cvm", vcpu: 2 } });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "NOT_FOUND",
      upstream: {
        status: 404,
        errorCode: "ERR-03-001",
        message: expect.any(String),
        requestId: expect.any(String),
        suggestions: expect.any(Array),
        links: expect.any(Array),
      },
    });
  });

  it("maps a FastAPI validation error to fields with GraphQL input paths", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(CONFIGURE, { input: { id: "web-phala", diskSizeGb: 1 } });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "input.diskSizeGb" }],
    });
  });

  it("contains only the request id when it is unexpected", () => {
    const seen: unknown[] = [];
    const surprise = new TypeError(`cannot read ${SECRET}`);
    const masked = maskError(
      new GraphQLError("x", { originalError: surprise, path: ["cvm"] }),
      "id-1",
      (error) => seen.push(error),
    );
    expect(masked.toJSON()).toEqual({
      message: "Unexpected error.",
      path: ["cvm"],
      extensions: { code: "INTERNAL_SERVER_ERROR", retryable: false, requestId: "id-1" },
    });
    expect(seen).toEqual([surprise]);
  });

  it("keeps the retry advice of the gateway", () => {
    const masked = maskError(
      new GatewayError("RATE_LIMITED", "Slow down.", { retryAfterMs: 1200.4 }),
      "id-1",
      () => {},
    );
    expect(masked.extensions).toEqual({
      code: "RATE_LIMITED",
      retryable: true,
      retryAfterMs: 1201,
      requestId: "id-1",
    });
  });
});

describe("invalid input", () => {
  it.each([
    ["a variable of the wrong type", { input: { id: "web-phala", vcpu: SECRET } }, "input.vcpu"],
    [
      "an object in place of a string",
      { input: { id: "web-phala", dockerComposeFile: { a: SECRET } } },
      "input.dockerComposeFile",
    ],
    [
      "a list with a wrong item",
      { input: { id: "web-phala", allowedEnvs: ["A", { b: SECRET }] } },
      "input.allowedEnvs.1",
    ],
    [
      "text in place of hex",
      { input: { id: "web-phala", env: { encrypted: { encryptedEnv: SECRET } } } },
      "input.env.encrypted.encryptedEnv",
    ],
    ["a missing variable", {}, "input"],
    ["a missing field", { input: { vcpu: 1 } }, "input"],
    ["both forms of a choice", { input: { id: "x", env: { encrypted: null } } }, "input.env"],
  ])("in a variable is reported by its path and never by its value: %s", async (_name, variables, path) => {
    await using gateway = await startGateway();
    const answer = await gateway.ask(CONFIGURE, variables);
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT" });
    const fields: unknown = answer.errors?.[0]?.extensions["fields"];
    expect(fields).toContainEqual({ path: expect.stringContaining(path), message: expect.any(String) });
    expect(JSON.stringify(answer)).not.toContain(SECRET);
    expect(await gateway.calls()).toEqual([]);
  });

  it.each([
    `mutation { configureCvm(input: { id: "x", vcpu: "${SECRET}" }) { __typename } }`,
    `mutation { configureCvm(input: { id: "x", publicLogs: "${SECRET}" }) { __typename } }`,
    `mutation { configureCvm(input: { id: "x", dockerComposeFile: { a: "${SECRET}" } }) { __typename } }`,
    `mutation { confirmCvmPatch(input: { id: "x", composeHash: "${SECRET}", transactionHash: "00" }) { __typename } }`,
    `mutation { configureCvm(input: { id: "x" "${SECRET}" }) { __typename } }`,
    `{ cvm(id: "x") "${SECRET}" }`,
    `{ cvm(id: "${SECRET}`,
    `{ cvm(id: "\\q${SECRET}") { id } }`,
    `{ cvm(id: """${SECRET}""" """${SECRET}""") { id } }`,
  ])("in a literal is never repeated in the message: %s", async (query) => {
    await using gateway = await startGateway();
    const answer = await gateway.ask(query);
    expect(answer.errors?.[0]?.extensions.code).toMatch(/^GRAPHQL_(PARSE|VALIDATION)_FAILED$/);
    expect(JSON.stringify(answer)).not.toContain(SECRET);
  });

  it("reports ten problems at most, however many items of a list are invalid", async () => {
    await using gateway = await startGateway();
    const allowedEnvs = Array.from({ length: 9_000 }, () => 1);
    const answer = await gateway.ask(CONFIGURE, { input: { id: "x", allowedEnvs } });
    expect(answer.errors?.[0]?.extensions["fields"]).toHaveLength(10);
    expect(JSON.stringify(answer).length).toBeLessThan(4_000);
    const keys = Array.from({ length: 9_000 }, () => "not a key");
    const refused = await gateway.ask(CONFIGURE, { input: { id: "x", allowedEnvs: keys } });
    expect(refused.errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    expect(JSON.stringify(refused).length).toBeLessThan(4_000);
    expect(await gateway.calls()).toEqual([]);
  });

  it("does not include unknown properties of the request body, which are ignored", async () => {
    await using gateway = await startGateway();
    const response = await gateway.app.fetch("http://gateway.test/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ __typename }", somethingElse: 1 }),
    });
    expect(await response.json()).toEqual({ data: { __typename: "Query" } });
  });
});
