import {
  type ASTNode,
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLSchema,
  Kind,
  separateOperations,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { formatInputPath } from "../errors/argument-path.ts";

/** A place where an operation uses a variable. */
export type VariableUse = {
  readonly name: string;
  /** Input path of the place. It starts at the argument, for example `input.vcpu`. */
  readonly path: string;
  readonly argument: string | undefined;
  /** Type that the place requires. */
  readonly type: GraphQLInputType | null | undefined;
};

/** Return an operation with its fragments. The operation is the first definition. */
function selectOperation(document: DocumentNode, operationName: string): DocumentNode {
  const own = separateOperations(document)[operationName] ?? document;
  const rank = ({ kind }: ASTNode) => (kind === Kind.OPERATION_DEFINITION ? 0 : 1);
  return { ...own, definitions: own.definitions.toSorted((a, b) => rank(a) - rank(b)) };
}

/** List every place where an operation and its fragments use a variable, in their order. */
export function listVariableUses(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string,
): VariableUse[] {
  const uses: VariableUse[] = [];
  const types = new TypeInfo(schema);
  const visitor = visitWithTypeInfo(types, {
    VariableDefinition: () => false,
    Variable({ name }, _key, parent, keys, ancestors) {
      const path = formatInputPath(parent === undefined ? ancestors : [...ancestors, parent], keys);
      uses.push({ name: name.value, path, argument: types.getArgument()?.name, type: types.getInputType() });
    },
  });
  visit(selectOperation(document, operationName), visitor);
  return uses;
}
