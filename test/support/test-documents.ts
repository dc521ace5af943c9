import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type DocumentNode,
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  parse,
  typeFromAST,
  validate,
} from "graphql";
import { schema } from "../../src/schema/schema.ts";

const TESTS = fileURLToPath(new URL("..", import.meta.url));

/** A document that a test sends, with variables that match their types. */
export type TestDocument = {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly valid: boolean;
  readonly kind: "query" | "mutation" | "subscription";
};

const LITERAL = /`([^`$\\]*)`|"([^"\\\n]*)"|'([^'\\\n]*)'/g;

function readLiterals(): string[] {
  const files = readdirSync(TESTS, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  return files.flatMap((file) => {
    const text = readFileSync(join(TESTS, file), "utf8");
    return [...text.matchAll(LITERAL)].map(
      ([, template, double, single]) => template ?? double ?? single ?? "",
    );
  });
}

function tryParse(text: string): DocumentNode | null {
  if (!/^\s*(?:[{]|query|mutation|subscription|fragment|#)/.test(text)) return null;
  try {
    return parse(text);
  } catch {
    return null;
  }
}

const scalars: Readonly<Record<string, unknown>> = {
  ID: "web-phala",
  Int: 4,
  SafeInt: 4,
  String: "services: {}",
  SecretString: "services: {}",
  Boolean: true,
  Hex: "00".repeat(32),
  DateTime: "2026-01-01T00:00:00Z",
  EthAddress: `0x${"0".repeat(40)}`,
};

/** Make a value of a type, with the required fields of an input object and one optional field. */
export function makeValue(type: GraphQLInputType): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [makeValue(nullable.ofType)];
  if (isEnumType(nullable)) return nullable.getValues()[0]?.name;
  if (!isInputObjectType(nullable)) return scalars[getNamedType(type).name];
  const fields = Object.values(nullable.getFields());
  const required = fields.filter((field) => isNonNullType(field.type));
  const optional = fields.find(({ name }) => name === "vcpu");
  const chosen = optional === undefined ? required : [...required, optional];
  return Object.fromEntries(chosen.map((field) => [field.name, makeValue(field.type)]));
}

function makeVariables(document: DocumentNode): Record<string, unknown> {
  return Object.fromEntries(
    document.definitions.flatMap((node) =>
      "operation" in node
        ? (node.variableDefinitions ?? []).flatMap(({ variable, type: typeNode }) => {
            const type = typeFromAST(schema, typeNode);
            return isInputType(type) ? [[variable.name.value, makeValue(type)]] : [];
          })
        : [],
    ),
  );
}

/** List the GraphQL documents in the sources of all tests, once each. */
export function listTestDocuments(): TestDocument[] {
  return [...new Set(readLiterals())].flatMap((query) => {
    const document = tryParse(query);
    const operation = document?.definitions.find((node) => "operation" in node);
    // This CVM answers after the time limit of a read.
    if (query.includes("fails-slow")) return [];
    if (document === null || operation === undefined || !("operation" in operation)) return [];
    const valid = validate(schema, document).length === 0;
    return [{ query, variables: makeVariables(document), valid, kind: operation.operation }];
  });
}
