import { isObject, type JsonObject } from "../json.ts";

/**
 * Parsed GraphQL document, as `DocumentNode` of graphql.
 *
 * @example
 * ```ts
 * const document: ParsedDocument = gql`query { cvms { totalCount } }`;
 * ```
 */
export type ParsedDocument = {
  readonly kind: string;
  readonly definitions: readonly object[];
  readonly loc?: unknown;
};

/**
 * Return the text of a document: of a text, of an object that is one (`documentMode: "string"` of the client preset),
 * or of a syntax tree. Trees of `gql` carry their text. Others are printed, so that no other package is needed.
 */
export function toDocumentText(document: unknown): string {
  if (typeof document === "string" || document instanceof String) return document.toString();
  if (!isObject(document) || !Array.isArray(document["definitions"])) {
    throw new TypeError("Expected a GraphQL document: a text, or the result of gql or graphql().");
  }
  return document["definitions"].map(print).join(" ");
}

/** Print one node of a document without descriptions, which only schemas have. */
function print(node: unknown): string {
  if (!isObject(node)) return "";
  const { kind } = node;
  const printer = typeof kind === "string" ? printers[kind] : undefined;
  if (printer === undefined)
    throw new TypeError(`A GraphQL request cannot contain a node of the kind ${kind}.`);
  return printer(node);
}

function list(nodes: unknown, separator: string, open = "", close = ""): string {
  if (!Array.isArray(nodes) || nodes.length === 0) return "";
  return open + nodes.map(print).join(separator) + close;
}

function withPrefix(prefix: string, node: unknown): string {
  return node === undefined || node === null ? "" : prefix + print(node);
}

const printers: Readonly<Record<string, (node: JsonObject) => string>> = {
  Name: ({ value }) => `${value}`,
  OperationDefinition: (node) =>
    `${node["operation"]} ${print(node["name"])}${list(node["variableDefinitions"], ",", "(", ")")}${list(node["directives"], " ", " ")}${print(node["selectionSet"])}`,
  VariableDefinition: (node) =>
    `${print(node["variable"])}:${print(node["type"])}${withPrefix("=", node["defaultValue"])}${list(node["directives"], " ", " ")}`,
  SelectionSet: ({ selections }) => `{${list(selections, " ")}}`,
  Field: (node) =>
    `${node["alias"] ? `${print(node["alias"])}:` : ""}${print(node["name"])}${list(node["arguments"], ",", "(", ")")}${list(node["directives"], " ", " ")}${print(node["selectionSet"])}`,
  Argument: ({ name, value }) => `${print(name)}:${print(value)}`,
  FragmentSpread: ({ name, directives }) => `...${print(name)}${list(directives, " ", " ")}`,
  InlineFragment: (node) =>
    `...${withPrefix("on ", node["typeCondition"])}${list(node["directives"], " ", " ")}${print(node["selectionSet"])}`,
  FragmentDefinition: (node) =>
    `fragment ${print(node["name"])} on ${print(node["typeCondition"])}${list(node["directives"], " ", " ")}${print(node["selectionSet"])}`,
  Directive: (node) => `@${print(node["name"])}${list(node["arguments"], ",", "(", ")")}`,
  Variable: ({ name }) => `$${print(name)}`,
  IntValue: ({ value }) => `${value}`,
  FloatValue: ({ value }) => `${value}`,
  // The escapes of JSON are those of GraphQL.
  StringValue: ({ value }) => JSON.stringify(value),
  BooleanValue: ({ value }) => `${value}`,
  NullValue: () => "null",
  EnumValue: ({ value }) => `${value}`,
  ListValue: ({ values }) => `[${list(values, ",")}]`,
  ObjectValue: ({ fields }) => `{${list(fields, ",")}}`,
  ObjectField: ({ name, value }) => `${print(name)}:${print(value)}`,
  NamedType: ({ name }) => print(name),
  ListType: ({ type }) => `[${print(type)}]`,
  NonNullType: ({ type }) => `${print(type)}!`,
};
