import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getOperationAST,
  getVariableValues,
  isInterfaceType,
  isObjectType,
  Kind,
  print,
  type SelectionSetNode,
  typeFromAST,
} from "graphql";
import { FieldCost } from "../../schema/core/field-cost.ts";

/** One operation with its variables as the client sent them. */
export type CostedOperation = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: unknown;
  readonly variableValues?: unknown;
};

/** The calls that an operation can cost, and whether other variables would change that. */
type UpstreamEstimate = { readonly calls: number; readonly varies: boolean };

type Field = GraphQLField<unknown, unknown>;

/** How many objects a selection is resolved on, and in how many groups they arrive. */
type Parents = { readonly count: number; readonly groups: number };

/** Fields of one parent that are the same call: same name, same arguments. */
type Group = { readonly field: Field; readonly nodes: FieldNode[] };

/** What a field declares; nothing for one whose value comes with its parent. */
export function readFieldCost(field: { readonly extensions: object }): FieldCost | undefined {
  const cost: unknown = Reflect.get(field.extensions, "upstreamCost");
  return cost instanceof FieldCost ? cost : undefined;
}

function findField(type: unknown, name: string): Field | undefined {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}

/**
 * Estimates how many upstream calls an operation can cost at most, retries apart: every field costs what it
 * declares, times the objects that it is selected on. The same field with the same arguments on one object
 * counts once, however often it is selected; writes count each. Of fragments on different types each counts.
 */
function estimateUpstreamCalls({
  schema,
  document,
  operationName,
  variableValues,
}: CostedOperation): UpstreamEstimate {
  const operation = getOperationAST(document, typeof operationName === "string" ? operationName : undefined);
  const root = operation && schema.getRootType(operation.operation);
  if (!operation || !root) return { calls: 0, varies: false };
  const definitions = operation.variableDefinitions ?? [];
  let variables: Record<string, unknown> | undefined;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }

  function collect(
    type: GraphQLOutputType,
    selections: SelectionSetNode,
    groups: Map<string, Group>,
    seen: Set<string>,
  ): void {
    for (const node of selections.selections) {
      if (node.kind === Kind.FIELD) {
        const field = findField(type, node.name.value);
        if (field === undefined) continue;
        const writes = type === schema.getMutationType();
        const call = `${node.name.value} ${node.arguments?.map(print).sort().join() ?? ""}`;
        const key = `${type} ${writes ? (node.alias?.value ?? "") : ""} ${call}`;
        const group: Group = groups.get(key) ?? { field, nodes: [] };
        group.nodes.push(node);
        groups.set(key, group);
        continue;
      }
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node;
      if (fragment === undefined) continue;
      if (node.kind === Kind.FRAGMENT_SPREAD) {
        if (seen.has(node.name.value)) continue;
        seen.add(node.name.value);
      }
      const condition = fragment.typeCondition && typeFromAST(schema, fragment.typeCondition);
      const narrowed = isObjectType(condition) || isInterfaceType(condition) ? condition : type;
      collect(narrowed, fragment.selectionSet, groups, seen);
    }
  }

  function readArguments(field: Field, node: FieldNode): Record<string, unknown> {
    const inputs = Object.fromEntries(Object.entries(variableValues ?? {}));
    variables ??= getVariableValues(schema, definitions, inputs).coerced ?? {};
    return getArgumentValues(field, node, variables);
  }

  function sumGroup({ field, nodes }: Group, parents: Parents): number {
    const [node] = nodes;
    if (node === undefined) return 0;
    const type = getNamedType(field.type);
    const cost = readFieldCost(field);
    if (cost === undefined) return sum(type, nodes, parents);
    const args = cost.varies ? readArguments(field, node) : {};
    const own = cost.countCalls(args) * (cost.batched ? parents.groups : parents.count);
    const count = parents.count * cost.countItems(args);
    return own + sum(type, nodes, { count, groups: cost.apart ? count : parents.count });
  }

  function sumGroups(groups: ReadonlyMap<string, Group>, parents: Parents): number {
    let total = 0;
    for (const group of groups.values()) total += sumGroup(group, parents);
    return total;
  }

  function sum(type: GraphQLOutputType, nodes: readonly FieldNode[], parents: Parents): number {
    const groups = new Map<string, Group>();
    const seen = new Set<string>();
    for (const { selectionSet } of nodes) {
      if (selectionSet !== undefined) collect(type, selectionSet, groups, seen);
    }
    return sumGroups(groups, parents);
  }

  const groups = new Map<string, Group>();
  collect(root, operation.selectionSet, groups, new Set());
  const calls = sumGroups(groups, { count: 1, groups: 1 });
  return { calls, varies: variables !== undefined && definitions.length > 0 };
}

/** Estimates that hold for every value of the variables. */
const estimates = new WeakMap<DocumentNode, Map<unknown, number>>();

function readEstimate(operation: CostedOperation): number {
  const known = estimates.get(operation.document)?.get(operation.operationName);
  if (known !== undefined) return known;
  const { calls, varies } = estimateUpstreamCalls(operation);
  if (!varies) {
    const byName = estimates.get(operation.document) ?? new Map<unknown, number>();
    estimates.set(operation.document, byName.set(operation.operationName, calls));
  }
  return calls;
}

/** Checks an operation against its budget. @returns the error that names the number, or null. */
export function checkUpstreamCalls(operation: CostedOperation, limit: number): GraphQLError | null {
  const calls = readEstimate(operation);
  if (calls <= limit) return null;
  return new GraphQLError(
    `The operation can cost ${calls} upstream calls; the limit is ${limit} (MAX_UPSTREAM_CALLS). Ask for fewer objects, or for fewer fields that cost a call.`,
    { extensions: { code: "GRAPHQL_VALIDATION_FAILED", http: { spec: true, status: 400 } } },
  );
}
