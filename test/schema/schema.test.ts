import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isNullableType,
  isObjectType,
} from "graphql";
import { describe, expect, it } from "vitest";
import { printSchema, schema } from "../../src/schema/schema.ts";

function listArguments(
  field: GraphQLInputField | GraphQLField<unknown, unknown>,
): readonly GraphQLArgument[] {
  return "args" in field ? field.args : [];
}

function listUndescribed(): string[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => !type.name.startsWith("__"))
    .flatMap((type) => {
      const own = type.description ? [] : [type.name];
      if (isEnumType(type)) {
        return [
          ...own,
          ...type.getValues().flatMap((value) => (value.description ? [] : [`${type.name}.${value.name}`])),
        ];
      }
      if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return own;
      const members = Object.values(type.getFields()).flatMap((field) => [
        ...(field.description ? [] : [`${type.name}.${field.name}`]),
        ...listArguments(field).flatMap((argument) =>
          argument.description ? [] : [`${type.name}.${field.name}(${argument.name})`],
        ),
      ]);
      return [...own, ...members];
    })
    .filter((name) => !["Int", "String", "Boolean", "Float", "ID"].includes(name));
}

describe("the schema", () => {
  it("is the committed schema.graphql", async () => {
    await expect(printSchema()).toMatchFileSnapshot("../../schema.graphql");
  });

  it("describes every type, field, argument and value", () => {
    expect(listUndescribed()).toEqual([]);
  });

  it("has only nullable mutations, so that a failed one leaves the answers of the others", () => {
    const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
    expect(mutations.length).toBeGreaterThan(10);
    expect(mutations.filter(({ type }) => !isNullableType(type)).map(({ name }) => name)).toEqual([]);
  });
});
