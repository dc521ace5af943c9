import {
  type GraphQLInputType,
  getNamedType,
  isInputObjectType,
  isListType,
  isNonNullType,
  parse,
  validate,
} from "graphql";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config.ts";
import { maxWaitSeconds } from "../../src/limits.ts";
import { schema } from "../../src/schema/schema.ts";
import { estimateUpstreamCalls } from "../../src/server/guards/upstream-budget.ts";
import { writeMutation } from "../support/mutations.ts";

const given: Readonly<Record<string, unknown>> = {
  id: "a-name",
  waitIfBusySeconds: maxWaitSeconds.busyCvm,
  waitForTransactionSeconds: maxWaitSeconds.transaction,
  composeHash: "ab".repeat(32),
  transactionHash: "cd".repeat(32),
};

const REQUIRED = "composeHash commitToken appId transaction { to } safeTransaction prerequisites { to }";
const selections: Readonly<Record<string, string>> = {
  ConfigureCvmResult: `... on InProgress { correlationId } ... on OnChainHashRequired { ${REQUIRED} }`,
  ComposeFileProvision: "composeHash transaction { to } safeTransaction prerequisites { to }",
};

const scalars: Readonly<Record<string, unknown>> = { Boolean: true, Int: 64, Float: 64, Hex: "ab" };

/** Give every field of an input a value. The first field of a oneOf input costs the most: it is the plain form. */
function fill(type: GraphQLInputType, name = ""): unknown {
  if (isNonNullType(type)) return fill(type.ofType, name);
  if (isListType(type)) return [fill(type.ofType, name)];
  if (!isInputObjectType(type)) return given[name] ?? scalars[getNamedType(type).name] ?? "text";
  const fields = Object.values(type.getFields());
  const chosen = type.isOneOf ? fields.filter(({ name }) => name === "plain") : fields;
  return Object.fromEntries(chosen.map((field) => [field.name, fill(field.type, field.name)]));
}

const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
const { maxUpstreamCalls } = loadConfig({ UPSTREAM_URL: "http://127.0.0.1:9" }).front;

describe("the longest waits with all other arguments of a mutation", () => {
  it.each(mutations)("fit into the default budget of calls: $name", ({ name, args, type: result }) => {
    const [argument] = args;
    const type = getNamedType(result);
    const document = parse(writeMutation(name, selections[type.name] ?? "status correlationId"));
    expect(validate(schema, document)).toEqual([]);
    const input = argument === undefined ? null : fill(argument.type);
    const calls = estimateUpstreamCalls({ schema, document, variables: { input } });
    expect(calls).toBeGreaterThan(1);
    expect(calls).toBeLessThanOrEqual(maxUpstreamCalls);
    const facts = { rights: { hasLimits: true, staysInWorkspace: true } };
    for (const id of ["a-name", "cvm_abcd1234"]) {
      const variables = { input: { ...Object(input), id } };
      const limited = estimateUpstreamCalls({ schema, document, variables, facts });
      expect(limited).toBeLessThanOrEqual(maxUpstreamCalls);
      const { waitIfBusySeconds: _wait, expectedVersion: _version, ...others } = variables.input;
      const shorter = estimateUpstreamCalls({ schema, document, variables: { input: others }, facts });
      expect(shorter).toBeLessThanOrEqual(maxUpstreamCalls);
    }
  });
});
