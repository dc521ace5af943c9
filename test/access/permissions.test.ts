import {
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from "graphql";
import { describe, expect, it } from "vitest";
import {
  fieldRules,
  type InputRule,
  listChangedSettings,
  listNeededPermissions,
  mutationRules,
} from "../../src/access/permissions.ts";
import { schema } from "../../src/schema/schema.ts";

/** List the input fields that no rule covers. A field with a permission covers what is below it. */
function listUncovered(type: GraphQLInputObjectType, rules: InputRule, path: string): string[] {
  if (typeof rules !== "object" || rules === null) return [];
  return Object.values(type.getFields()).flatMap((field) => {
    const rule = rules[field.name];
    const place = `${path}.${field.name}`;
    if (rule === undefined) return [place];
    const nested = getNamedType(field.type);
    return isInputObjectType(nested) ? listUncovered(nested, rule, place) : [];
  });
}

/** List the rules of fields that an input does not have. */
function listExcess(type: GraphQLInputObjectType, rules: InputRule, path: string): string[] {
  if (typeof rules !== "object" || rules === null) return [];
  const fields = type.getFields();
  return Object.entries(rules).flatMap(([name, rule]) => {
    const field = fields[name];
    if (field === undefined) return [`${path}.${name}`];
    const nested = getNamedType(field.type);
    return isInputObjectType(nested) ? listExcess(nested, rule, `${path}.${name}`) : [];
  });
}

function listInputs(): [name: string, type: GraphQLInputObjectType][] {
  return Object.values(schema.getMutationType()?.getFields() ?? {}).map(({ name, args }) => {
    const type = getNamedType(args.find((argument) => argument.name === "input")?.type);
    if (!isInputObjectType(type) || args.length !== 1) throw new Error(`${name} has other arguments.`);
    return [name, type];
  });
}

function findObject(name: string): GraphQLObjectType {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`${name} is no object type.`);
  return type;
}

/** Types that a write returns, and from which a client could read on. */
function listWriteResults(): GraphQLObjectType[] {
  const found = new Set<GraphQLObjectType>();
  const add = (type: unknown): void => {
    const named = getNamedType(Object(type));
    if (!isObjectType(named) || found.has(named) || ["Cvm", "Operation"].includes(named.name)) return;
    found.add(named);
    for (const field of Object.values(named.getFields())) add(field.type);
  };
  for (const { type } of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const named = getNamedType(type);
    for (const possible of isObjectType(named) ? [named] : schema.getPossibleTypes(Object(named)))
      add(possible);
  }
  return [...found];
}

describe("the table of permissions", () => {
  it("covers every mutation and every input field", () => {
    const inputs = listInputs();
    expect(Object.keys(mutationRules).sort()).toEqual(inputs.map(([name]) => name).sort());
    const rulesOf = (name: string) => mutationRules[name]?.input ?? {};
    expect(inputs.flatMap(([name, type]) => listUncovered(type, rulesOf(name), name))).toEqual([]);
    expect(inputs.flatMap(([name, type]) => listExcess(type, rulesOf(name), name))).toEqual([]);
  });

  it("covers every query and every subscription", () => {
    for (const root of ["Query", "Subscription"]) {
      expect(Object.keys(fieldRules[root] ?? {}).sort()).toEqual(
        Object.keys(findObject(root).getFields()).sort(),
      );
    }
  });

  it("covers every field of a write's result from which a client can read a CVM", () => {
    const readable = listWriteResults().flatMap((type) =>
      Object.values(type.getFields()).flatMap(({ name, type: fieldType }) => {
        const named = getNamedType(fieldType);
        return isInterfaceType(named) || ["Cvm", "Operation"].includes(named.name) ? [[type.name, name]] : [];
      }),
    );
    expect(readable.length).toBeGreaterThan(2);
    expect(readable.filter(([type = "", name = ""]) => fieldRules[type]?.[name] !== "read")).toEqual([]);
  });

  it.each([
    ["configureCvm", { id: "a", vcpu: 1 }, ["configure"]],
    ["configureCvm", { id: "a", env: {} }, ["environment"]],
    ["configureCvm", { id: "a", allowedEnvs: [] }, ["environment"]],
    ["configureCvm", { id: "a", removeKeys: ["A"], image: "x" }, ["configure", "environment"]],
    ["configureCvm", { id: "a", vcpu: null, env: {} }, ["environment"]],
    ["configureCvm", { id: "a" }, ["configure"]],
    ["updateDockerCompose", { id: "a", dockerComposeFile: "" }, ["configure"]],
    [
      "updateDockerCompose",
      { id: "a", dockerComposeFile: "", composeHash: "", transactionHash: "" },
      ["configure", "confirm"],
    ],
    ["updateCvmEnvs", { id: "a", env: {}, transactionHash: "" }, ["environment", "confirm"]],
    [
      "provisionCvmComposeFileUpdate",
      { id: "a", appCompose: { dockerComposeFile: "", allowedEnvs: [] } },
      ["configure", "environment"],
    ],
    ["commitCvmComposeFileUpdate", { id: "a", composeHash: "" }, ["confirm"]],
    ["commitCvmComposeFileUpdate", { id: "a", composeHash: "", env: {} }, ["environment", "confirm"]],
    ["restartCvm", { id: "a", force: true }, ["power"]],
  ])("needs for %s with %j the permissions %j", (mutation, input, needed) => {
    expect(listNeededPermissions(mutation, input)).toEqual(needed);
  });

  it("refuses a mutation and an input field that it does not know", () => {
    expect(() => listNeededPermissions("deleteCvm", {})).toThrow(/No permission covers the mutation/);
    expect(() => listNeededPermissions("configureCvm", { teapot: 1 })).toThrow(
      /No permission covers the input/,
    );
  });

  it("names the settings of a change, and no value of them", () => {
    const input = {
      id: "secret-id",
      idempotencyKey: "secret-key",
      appCompose: { dockerComposeFile: "secret-file", publicLogs: true },
      removeKeys: ["SECRET"],
    };
    expect(listChangedSettings("provisionCvmComposeFileUpdate", input)).toEqual([
      "appCompose.dockerComposeFile",
      "appCompose.publicLogs",
      "removeKeys",
    ]);
  });
});
