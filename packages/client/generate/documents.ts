import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLInputObjectType,
  type GraphQLSchema,
  isInputType,
  type OperationDefinitionNode,
  print,
  stripIgnoredCharacters,
  typeFromAST,
  type VariableDefinitionNode,
  visit,
} from "graphql";
import { addInputObjects, writeInputMember, writeSharedTypes } from "./input-types.ts";
import { createResultTypes } from "./result-types.ts";

/** Documents of one output file. */
export type DocumentFile = { readonly name: string; readonly document: DocumentNode };

const HEADER = "// Made from schema.graphql by `npm run generate:client`. Do not edit.\n";

/**
 * Write the typed documents, one output file for each group, and the types that they share.
 *
 * @param groups - operations by the name of their output file. A fragment can be in any of them.
 * @returns the text of each output file by its name
 */
export function writeDocuments(schema: GraphQLSchema, groups: readonly DocumentFile[]): Map<string, string> {
  const definitions = groups.flatMap(({ document }) => document.definitions);
  const fragments = new Map(
    definitions.flatMap((node) =>
      node.kind === "FragmentDefinition" ? [[node.name.value, node] as const] : [],
    ),
  );
  const results = createResultTypes(schema, fragments);
  const inputs = new Set<GraphQLInputObjectType>();

  function getVariableType(node: VariableDefinitionNode) {
    // The overloads of typeFromAST name each kind of type node.
    const { type } = node;
    const resolved =
      type.kind === "NamedType"
        ? typeFromAST(schema, type)
        : type.kind === "ListType"
          ? typeFromAST(schema, type)
          : typeFromAST(schema, type);
    if (!isInputType(resolved)) throw new Error(`$${node.variable.name.value} has no input type.`);
    return resolved;
  }

  function writeVariables(operation: OperationDefinitionNode): string {
    const members = (operation.variableDefinitions ?? []).map((node) => {
      const type = getVariableType(node);
      addInputObjects(type, inputs);
      const isOptional = node.type.kind !== "NonNullType" || node.defaultValue !== undefined;
      return writeInputMember(node.variable.name.value, type, isOptional);
    });
    return members.length === 0 ? "Record<string, never>" : `{ ${members.join(" ")} }`;
  }

  function writeOperation(operation: OperationDefinitionNode): string {
    const name = operation.name?.value ?? "";
    const root = schema.getRootType(operation.operation);
    if (!root) throw new Error(`${name} has no root type.`);
    const used = [operation, ...findFragments(operation, fragments)];
    const text = JSON.stringify(stripIgnoredCharacters(used.map(print).join("\n")));
    return [
      `/** Result of {@link ${name}Document}. */`,
      `export type ${name}Data = ${results.write(root, [operation.selectionSet])};`,
      `/** Variables of {@link ${name}Document}. */`,
      `export type ${name}Variables = ${writeVariables(operation)};`,
      `/**\n * The ${operation.operation} \`${name}\`.\n *\n * @example\n * \`\`\`ts\n * ${writeExample(operation)}\n * \`\`\`\n */`,
      `export const ${name}Document = /* @__PURE__ */ typeDocument<${name}Data, ${name}Variables>(\n  ${text},\n);`,
    ].join("\n");
  }

  const files = groups.map(({ name, document }): [string, string] => {
    const body = document.definitions
      .flatMap((node) => (node.kind === "OperationDefinition" ? [writeOperation(node)] : []))
      .join("\n\n");
    return [name, body];
  });
  const shared = writeSharedTypes(schema, inputs, results.enums);
  const typeNames = [...shared.matchAll(/^export type (\w+)/gm)].map(([, name = ""]) => name);
  return new Map([
    ...files.map(([name, body]): [string, string] => [name, `${writeImports(body, typeNames)}\n${body}\n`]),
    ["types", `${HEADER}\n${shared}\n`],
  ]);
}

function writeImports(body: string, typeNames: readonly string[]): string {
  const used = typeNames.filter((type) => new RegExp(`\\b${type}\\b`).test(body));
  const types = used.length === 0 ? "" : `import type { ${used.join(", ")} } from "./types.ts";\n`;
  return `${HEADER}import { typeDocument } from "../requests/typed-document.ts";\n${types}`;
}

function writeExample({ operation, name, variableDefinitions = [] }: OperationDefinitionNode): string {
  const variables = variableDefinitions.map(({ variable }) => variable.name.value).join(", ");
  const document = `${name?.value}Document`;
  if (operation === "subscription")
    return `sse.subscribe({ query: ${document}, variables: { ${variables} } }, sink);`;
  return `const data = await client.query(${document}, { ${variables} });`;
}

/** Find the fragments that an operation uses, each once. */
function findFragments(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): FragmentDefinitionNode[] {
  const found = new Set<FragmentDefinitionNode>();
  const search = (node: OperationDefinitionNode | FragmentDefinitionNode): void => {
    visit(node, {
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (fragment === undefined || found.has(fragment)) return;
        found.add(fragment);
        search(fragment);
      },
    });
  };
  search(operation);
  return [...found];
}
