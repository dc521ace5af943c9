import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionSetNode,
  typeFromAST,
} from "graphql";
import { allRights } from "../../access/rights.ts";
import { type CostedRights, type FieldCost, findFieldCost } from "../../schema/core/field-cost.ts";
import { findOperation } from "../documents/find-operation.ts";
import { createValidationError } from "../errors/protocol-error.ts";
import type { Guard } from "./guard.ts";

/** An operation whose calls are counted. */
export type CostedOperation = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: unknown;
  /** The variables, coerced to their types. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Who sends it. A caller to whom everything is allowed, if left out. */
  readonly facts?: { readonly rights: CostedRights };
};

type Field = GraphQLField<unknown, unknown>;

/** An operation with more fields that cost calls is not remembered. It rarely fits into a budget. */
const MAX_REMEMBERED_FIELDS = 1_000;

/** How many objects a selection is resolved on, and in how many batches they arrive. */
type Parents = { readonly count: number; readonly batches: number };

/** Selections of one field on one parent with the same arguments. They share their calls. */
type SameCalls = { readonly field: Field; readonly nodes: FieldNode[] };

/** A selected field that can cost calls, or that has such fields below it. */
type CostedField = {
  readonly cost: FieldCost | undefined;
  readonly field: Field;
  readonly node: FieldNode;
  readonly children: readonly CostedField[];
};

function findField(type: unknown, name: string): Field | undefined {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}

function listFragments(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((node) => [node.name.value, node]));
}

/** Lists the fields of an operation that can cost calls. */
class CostCollector {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;

  constructor(schema: GraphQLSchema, document: DocumentNode) {
    this.#schema = schema;
    this.#fragments = listFragments(document);
  }

  /** List the fields that are selected on one type. */
  list(type: unknown, selections: readonly SelectionSetNode[]): CostedField[] {
    const fields = new Map<string, SameCalls>();
    const seen = new Set<string>();
    for (const selection of selections) this.#collect(type, selection, fields, seen);
    return [...fields.values()].flatMap(({ field, nodes }) => {
      const [node] = nodes;
      const cost = findFieldCost(field);
      const below = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      const children = this.list(getNamedType(field.type), below);
      const isFree = cost === undefined && children.length === 0;
      return node === undefined || isFree ? [] : [{ cost, field, node, children }];
    });
  }

  #collect(
    type: unknown,
    { selections }: SelectionSetNode,
    fields: Map<string, SameCalls>,
    seen: Set<string>,
  ): void {
    for (const node of selections) {
      if (node.kind === Kind.FIELD) {
        this.#collectField(type, node, fields);
        continue;
      }
      if (node.kind === Kind.FRAGMENT_SPREAD) {
        if (seen.has(node.name.value)) continue;
        seen.add(node.name.value);
      }
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? this.#fragments.get(node.name.value) : node;
      if (fragment === undefined) continue;
      const condition = fragment.typeCondition && typeFromAST(this.#schema, fragment.typeCondition);
      const narrowed = isObjectType(condition) || isInterfaceType(condition) ? condition : type;
      this.#collect(narrowed, fragment.selectionSet, fields, seen);
    }
  }

  #collectField(type: unknown, node: FieldNode, fields: Map<string, SameCalls>): void {
    const field = findField(type, node.name.value);
    if (field === undefined) return;
    const alias = type === this.#schema.getMutationType() ? (node.alias?.value ?? "") : "";
    const key = `${type} ${alias} ${node.name.value} ${node.arguments?.map(print).sort().join() ?? ""}`;
    const same = fields.get(key) ?? { field, nodes: [] };
    same.nodes.push(node);
    fields.set(key, same);
  }
}

/** What the cost of a field depends on, besides the field. */
type Circumstances = { readonly rights: CostedRights; readonly variables: Readonly<Record<string, unknown>> };

/**
 * Sum up the costs of selected fields: the cost of each field times the number of objects on which it is selected. A
 * field with the same arguments counts once per object, however often it is selected. Every mutation counts. Fragments
 * on different types all count. Retries do not count.
 */
function sumCalls(fields: readonly CostedField[], parents: Parents, circumstances: Circumstances): number {
  let total = 0;
  const shared = new Map<string, number>();
  for (const { cost, field, node, children } of fields) {
    if (cost === undefined) {
      total += sumCalls(children, parents, circumstances);
      continue;
    }
    const { batched, shared: sharedBy, separateItems } = cost.options;
    const args = cost.varies ? getArgumentValues(field, node, circumstances.variables) : {};
    const own = cost.countCalls(args, circumstances.rights) * (batched ? parents.batches : parents.count);
    if (sharedBy === undefined) total += own;
    else shared.set(sharedBy, Math.max(own, shared.get(sharedBy) ?? 0));
    if (children.length === 0) continue;
    const count = parents.count * cost.countItems(args);
    const batches = separateItems ? count : parents.count;
    total += sumCalls(children, { count, batches }, circumstances);
  }
  for (const calls of shared.values()) total += calls;
  return total;
}

/** The costed fields of operations that ran before. */
const costedFields = new WeakMap<OperationDefinitionNode, readonly CostedField[]>();

function listCostedFields(
  { schema, document }: CostedOperation,
  operation: OperationDefinitionNode,
): readonly CostedField[] {
  const known = costedFields.get(operation);
  if (known !== undefined) return known;
  const root = schema.getRootType(operation.operation);
  const fields = new CostCollector(schema, document).list(root, [operation.selectionSet]);
  if (countFields(fields) <= MAX_REMEMBERED_FIELDS) costedFields.set(operation, fields);
  return fields;
}

function countFields(fields: readonly CostedField[]): number {
  return fields.reduce((sum, { children }) => sum + 1 + countFields(children), 0);
}

/** Estimate the most upstream calls of an operation. */
export function estimateUpstreamCalls(costed: CostedOperation): number {
  const { document, operationName, variables = {}, facts } = costed;
  const operation = findOperation(document, operationName);
  if (operation === null) return 0;
  const rights = facts?.rights ?? allRights;
  return sumCalls(listCostedFields(costed, operation), { count: 1, batches: 1 }, { rights, variables });
}

/** Check an operation against the budget of upstream calls. @returns an error that states both numbers, or null. */
function checkUpstreamCalls(operation: CostedOperation, limit: number): GraphQLError | null {
  const calls = estimateUpstreamCalls(operation);
  if (calls <= limit) return null;
  return createValidationError(
    `The operation can cost ${calls} upstream calls; the limit is ${limit} (MAX_UPSTREAM_CALLS). Request fewer objects, or fewer fields that cost a call.`,
  );
}

/** Create the guard that rejects an operation that can cost more upstream calls than its budget. */
export function createUpstreamBudget(maxCalls: number): Guard {
  return (operation) => checkUpstreamCalls(operation, maxCalls);
}
