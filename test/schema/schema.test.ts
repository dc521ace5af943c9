import { readFile } from "node:fs/promises";
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

  it("refers to terms that the glossary defines", async () => {
    const glossary = await readFile(new URL("../../docs/glossary.md", import.meta.url), "utf8");
    const defined = Array.from(glossary.matchAll(/^### (.+)$/gm), ([, term]) => term?.toLowerCase());
    const references = Array.from(
      printSchema().matchAll(/See ('[^.]*') in docs\/glossary\.md\./g),
      ([, terms = ""]) => terms.split(" and ").map((term) => term.replaceAll("'", "").toLowerCase()),
    ).flat();
    expect(references).toEqual(
      expect.arrayContaining(["app-compose", "compose hash", "commit token", "phase"]),
    );
    expect(references.filter((term) => !defined.includes(term))).toEqual([]);
  });
});
