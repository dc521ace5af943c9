import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { printSchema } from "../../src/schema/schema.ts";
import { CLIENT_TOOLS } from "../support/parts/parts.ts";

const requireTool = createRequire(join(CLIENT_TOOLS, "package.json"));

/** Rules that differ from the recommended and the Relay configuration of graphql-eslint. */
const changedRules = {
  // A value object, such as CvmResources, has no id. The cache settings of the client list them all.
  "@graphql-eslint/strict-id-in-types": "off",
  // Relay's specification permits connections that only page forward, as these do.
  "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],
  // Short lists of values, such as Cvm.endpoints, have no pages. A revision is not a Node: only its app lists it.
  "@graphql-eslint/relay-edge-types": [
    "error",
    { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false },
  ],
};

/** Lint a schema. @returns the rules that it breaks, each with a message */
async function lint(schema: string): Promise<string[]> {
  const { ESLint } = requireTool("eslint");
  const { parser, configs, rules } = requireTool("@graphql-eslint/eslint-plugin");
  const eslint = new ESLint({
    cwd: CLIENT_TOOLS,
    overrideConfigFile: true,
    overrideConfig: {
      files: ["**/*.graphql"],
      languageOptions: { parser, parserOptions: { graphQLConfig: { schema } } },
      plugins: { "@graphql-eslint": { rules } },
      rules: {
        ...configs["flat/schema-recommended"].rules,
        ...configs["flat/schema-relay"].rules,
        ...changedRules,
      },
    },
  });
  const [{ messages }] = await eslint.lintText(schema, { filePath: "schema.graphql" });
  return messages.map(
    ({ ruleId, line, message }: Record<string, unknown>) => `${ruleId} in line ${line}: ${message}`,
  );
}

describe("graphql-eslint", { tags: ["relay-compiler"] }, () => {
  it("finds nothing in the schema", async () => {
    expect(await lint(printSchema())).toEqual([]);
  });

  it.each([
    ["require-deprecation-reason", "name: String", "name: String @deprecated"],
    ["naming-convention", "name: String", "Name: String"],
    ["require-description", '"""A CVM."""', ""],
    ["relay-arguments", "(first: Int, after: String)", ""],
    ["relay-edge-types", "cursor: String!", "cursor: Cvm!"],
  ])("finds what breaks %s", async (rule, from, to) => {
    const schema = `
      """Reads."""
      type Query { """CVMs.""" cvms(first: Int, after: String): CvmConnection! }
      """A CVM."""
      type Cvm implements Node { id: ID! name: String }
      """An object with an id."""
      interface Node { id: ID! }
      """A page."""
      type CvmConnection { edges: [CvmEdge!]! pageInfo: PageInfo! }
      """An entry of a page."""
      type CvmEdge { node: Cvm! cursor: String! }
      """Where a page is."""
      type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
    `;
    expect(await lint(schema)).toEqual([]);
    const problems = await lint(schema.replace(from, to));
    expect(problems.map((problem) => problem.split(" ")[0])).toEqual([`@graphql-eslint/${rule}`]);
  });
});
