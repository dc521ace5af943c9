import { afterAll, describe, expect, it } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import { CONFIGURE } from "../support/mutations.ts";

const INT = "a whole number from -2147483648 to 2147483647";
const HEX = "an even number of hexadecimal digits, with or without 0x";

/** Send an operation that is rejected before anything is sent. The REST API cannot be reached. */
async function send(
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
  environment: Readonly<Record<string, string>> = {},
) {
  const { app, close } = createGateway("http://127.0.0.1:9", { environment });
  const { errors } = await ask(app, query, variables);
  await close();
  return errors?.[0];
}

describe("the path of an invalid variable", () => {
  const wrong = { a: "four", b: "four" };

  it.each<[string, string, Readonly<Record<string, unknown>>, string]>([
    [
      "a variable with another name than the argument",
      "mutation ($in: ConfigureCvmInput!) { configureCvm(input: $in) { __typename } }",
      { in: { id: "web", vcpu: "four" } },
      "input.vcpu",
    ],
    [
      "a variable in a field of the input",
      'mutation ($a: Int) { configureCvm(input: { id: "web", vcpu: $a }) { __typename } }',
      wrong,
      "input.vcpu",
    ],
    [
      "a variable in a list",
      'mutation ($a: String!) { configureCvm(input: { id: "web", allowedEnvs: ["A", $a] }) { __typename } }',
      { a: 5 },
      "input.allowedEnvs.1",
    ],
    [
      "a variable deep in the input",
      'mutation ($a: [EnvVarInput!]) { updateCvmEnvs(input: { id: "web", env: { plain: $a } }) { __typename } }',
      {
        a: [
          { key: "A", value: "x" },
          { key: "B", value: 1 },
        ],
      },
      "input.env.plain.1.value",
    ],
    [
      "a variable in several places, which names the first",
      'mutation ($a: Int) { x: configureCvm(input: { id: "w", memoryMb: $a }) { __typename } y: configureCvm(input: { id: "v", vcpu: $a }) { __typename } }',
      wrong,
      "input.memoryMb",
    ],
    [
      "a variable in a fragment that stands before the operation",
      "fragment F on Query { cvms(first: $a) { totalCount } } query A { __typename } query B($a: Int) { ...F }",
      wrong,
      "first",
    ],
    [
      "a missing field of a variable",
      "mutation ($a: ConfigureCvmInput!) { configureCvm(input: $a) { __typename } }",
      { a: { vcpu: 2 } },
      "input.id",
    ],
    [
      "a misspelt field deep in a variable",
      "mutation ($a: UpdateCvmEnvsInput!) { updateCvmEnvs(input: $a) { __typename } }",
      { a: { id: "web", env: { plain: [{ key: "A", value: "x", valeu: "" }] } } },
      "input.env.plain.0.valeu",
    ],
    ["a missing variable", "query ($b: ID!) { cvm(id: $b) { id } }", {}, "id"],
    [
      "a variable of a directive",
      'query ($b: Boolean!) { cvm(id: "web") { id @include(if: $b) } }',
      wrong,
      "if",
    ],
  ])("starts at the argument: %s", async (_name, query, variables, path) => {
    const { app, close } = createGateway("http://127.0.0.1:9");
    const operationName = query.includes("query B") ? "B" : undefined;
    const response = await app.fetch("http://gateway.test/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": "k" },
      body: JSON.stringify({ query, operationName, variables }),
    });
    const [error] = (await response.json()).errors;
    await close();
    expect(error).toMatchObject({
      message: expect.stringContaining(`${path}: `),
      extensions: { code: "BAD_USER_INPUT", fields: [{ path }] },
    });
  });
});

describe("a value of the wrong type", () => {
  it.each([
    ["vcpu", 1.5, INT],
    ["vcpu", 2 ** 31, INT],
    ["vcpu", "4", INT],
    ["publicLogs", "yes", "true or false"],
    ["preLaunchScript", 7, "a text"],
  ])("in %s is answered with what is accepted: %j", async (field, value, accepted) => {
    const error = await send(CONFIGURE, { input: { id: "web", [field]: value } });
    expect(error?.extensions["fields"]).toEqual([
      { path: `input.${field}`, message: expect.stringMatching(new RegExp(`: ${accepted}\\.$`)) },
    ]);
  });

  it.each(["abc", "0xabc", "xy", ""])("in place of hex is answered with what hex is: %j", async (hex) => {
    const query = "mutation ($in: ConfirmCvmPatchInput!) { confirmCvmPatch(input: $in) { status } }";
    const error = await send(query, { in: { id: "web", composeHash: hex, transactionHash: "00" } });
    if (hex === "") return expect(error?.message).not.toContain("hexadecimal digits");
    return expect(error?.extensions["fields"]).toEqual([
      { path: "input.composeHash", message: `Expected a value of type "Hex": ${HEX}.` },
    ]);
  });

  it.each([
    ["vcpu: 1.5", `Expected a value of type "Int": ${INT}.`],
    ["vcpu: 2147483648", `Expected a value of type "Int": ${INT}.`],
    ['env: { encrypted: { encryptedEnv: "abc" } }', `Expected a value of type "Hex!": ${HEX}.`],
  ])("in a document is answered with what is accepted: %s", async (literal, message) => {
    const error = await send(`mutation { configureCvm(input: { id: "web", ${literal} }) { __typename } }`);
    expect(error).toMatchObject({ message, extensions: { code: "GRAPHQL_VALIDATION_FAILED" } });
  });
});

describe("the path of an input that is wrong in the document", () => {
  const { app, close } = createGateway("http://127.0.0.1:9");
  afterAll(close);

  it.each([
    ["a value", 'configureCvm(input: { id: "w", vcpu: "four" })', "input.vcpu"],
    [
      "hex with an odd number of digits",
      'confirmCvmPatch(input: { id: "w", composeHash: "abc", transactionHash: "" })',
      "input.composeHash",
    ],
    [
      "a number in place of a secret",
      'commitCvmUpdate(input: { id: "w", token: 7, composeHash: "", transactionHash: "" })',
      "input.token",
    ],
    ["an item of a list", 'configureCvm(input: { id: "w", allowedEnvs: ["A", 5] })', "input.allowedEnvs.1"],
    ["a missing field", "configureCvm(input: { vcpu: 2 })", "input.id"],
    ["a misspelt field", 'configureCvm(input: { id: "w", vcpus: 2 })', "input.vcpus"],
    [
      "a missing field deep in the input",
      'updateCvmEnvs(input: { id: "w", env: { plain: [{ key: "A" }] } })',
      "input.env.plain.0.value",
    ],
    ["null", "configureCvm(input: null)", "input"],
  ])("starts at the argument: %s", async (_name, field, path) => {
    const { errors } = await ask(app, `mutation { ${field} { __typename } }`);
    expect(errors).toEqual([
      expect.objectContaining({
        extensions: expect.objectContaining({
          code: "GRAPHQL_VALIDATION_FAILED",
          fields: [{ path, message: errors?.[0]?.message }],
        }),
      }),
    ]);
  });

  it("is left out where the error is not about an argument", async () => {
    const { errors } = await ask(app, 'query ($first: Int = "x") { cvms(first: $first) { totalCount } }');
    expect(errors?.[0]?.extensions).not.toHaveProperty("fields");
  });
});

describe("a misspelt input field", () => {
  const variables = { input: { id: "web", vcpus: 2 } };
  const literal = 'mutation { configureCvm(input: { id: "web", vcpus: 2 }) { __typename } }';

  it("is answered with the right name in development", async () => {
    expect((await send(CONFIGURE, variables))?.message).toMatch(/^input\.vcpus: .*"vcpus" is not defined/);
    expect((await send(CONFIGURE, variables))?.message).toContain('Did you mean "vcpu"');
    expect((await send(literal))?.message).toContain('Did you mean "vcpu"');
  });

  it.each([
    { NODE_ENV: "production" },
    { NODE_ENV: "production", GRAPHIQL: "true" },
    { NODE_ENV: "development", GRAPHIQL: "false" },
  ])("is answered without names of the schema with %j", async (environment) => {
    for (const error of [
      await send(CONFIGURE, variables, environment),
      await send(literal, {}, environment),
    ]) {
      expect(error?.message).toContain('"vcpus" is not defined');
      expect(error?.message).not.toContain("Did you mean");
    }
  });
});
