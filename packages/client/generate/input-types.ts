import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from "graphql";
import { getScalarType } from "./scalars.ts";

/** Write the TypeScript type of an input, without null: leaving an input out means the same. */
function writeInputType(type: GraphQLInputType): string {
  if (isNonNullType(type)) return writeInputType(type.ofType);
  if (isListType(type)) return `readonly ${writeInputType(type.ofType)}[]`;
  const { name } = getNamedType(type);
  return isEnumType(type) || isInputObjectType(type) ? name : getScalarType(name);
}

/** Write one member of an input object or of the variables of an operation. */
export function writeInputMember(name: string, type: GraphQLInputType, isOptional: boolean): string {
  return `readonly ${name}${isOptional ? "?" : ""}: ${writeInputType(type)}${isOptional ? " | null | undefined" : ""};`;
}

function writeComment(text: string | null | undefined): string {
  return `/** ${(text ?? "").replaceAll(/\s+/g, " ").replaceAll("*/", "*\\/")} */`;
}

function writeInputObject(type: GraphQLInputObjectType): string {
  const fields = Object.values(type.getFields());
  const head = `${writeComment(type.description)}\nexport type ${type.name} =`;
  if (type.isOneOf) {
    const choices = fields.map((chosen) => {
      const members = fields.map((field) =>
        field === chosen
          ? `readonly ${field.name}: ${writeInputType(field.type)}`
          : `readonly ${field.name}?: undefined`,
      );
      return `  | { ${members.join("; ")} }`;
    });
    return `${head}\n${choices.join("\n")};`;
  }
  const members = fields.map((field) => {
    const isOptional = !isNonNullType(field.type) || field.defaultValue !== undefined;
    return `  ${writeComment(field.description)}\n  ${writeInputMember(field.name, field.type, isOptional)}`;
  });
  return `${head} {\n${members.join("\n")}\n};`;
}

/** Add the input objects that an input type consists of. */
export function addInputObjects(type: GraphQLInputType, found: Set<GraphQLInputObjectType>): void {
  const named = getNamedType(type);
  if (!isInputObjectType(named) || found.has(named)) return;
  found.add(named);
  for (const field of Object.values(named.getFields())) addInputObjects(field.type, found);
}

/** Write the input objects, and the enums of results. */
export function writeSharedTypes(
  schema: GraphQLSchema,
  inputs: ReadonlySet<GraphQLInputObjectType>,
  enums: ReadonlySet<string>,
): string {
  const writtenEnums = [...enums].sort().map((name) => {
    const type = schema.getType(name);
    if (!isEnumType(type)) throw new Error(`${name} is not an enum.`);
    const values = type.getValues().map((value) => JSON.stringify(value.name));
    return `${writeComment(type.description)}\nexport type ${name} = ${values.join(" | ")};`;
  });
  const writtenInputs = [...inputs].sort((a, b) => a.name.localeCompare(b.name)).map(writeInputObject);
  return [...writtenEnums, ...writtenInputs].join("\n\n");
}
