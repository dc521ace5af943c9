import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getVariableValues,
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

/** An operation with the variables that the client sent. */
export type CostedOperation = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: unknown;
  readonly variableValues?: unknown;
  /** Who sends it. A caller to whom everything is allowed, if left out. */
  readonly facts?: { readonly rights: CostedRights };
};

/** The most calls of an operation, and whether other values of its variables could change the number. */
type UpstreamEstimate = { readonly calls: number; readonly varies: boolean };

type Field = GraphQLField<unknown, unknown>;

/** How many objects a selection is resolved on, and in how many batches they arrive. */
type Parents = { readonly count: number; readonly batches: number };

/** Selections of one field on one parent with the same arguments. They share their calls. */
type SameCalls = { readonly field: Field; readonly nodes: FieldNode[] };

function findField(type: unknown, name: string): Field | undefined {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}

function listFragments(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((node) => [node.name.value, node]));
}

/**
 * Sum of the declared costs of one operation: the cost of each field times the number of objects on which
 * it is selected. A field with the same arguments counts once per object, however often it is selected.
 * Every mutation counts. Fragments on different types all count. Retries do not count.
 */
class CallCounter {
  /** Whether the estimate depends on the values of the variables. */
  varies = false;
  readonly #schema: GraphQLSchema;
  readonly #operation: OperationDefinitionNode;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #variableValues: unknown;
  readonly #rights: CostedRights;
  #variables: Record<string, unknown> | undefined;

  constructor(
    { schema, document, variableValues, facts }: CostedOperation,
    operation: OperationDefinitionNode,
  ) {
    this.#schema = schema;
    this.#operation = operation;
    this.#fragments = listFragments(document);
    this.#variableValues = variableValues;
    this.#rights = facts?.rights ?? allRights;
  }

  /** Count the calls of everything that is selected on `parents` of one type. */
  count(type: unknown, selections: readonly SelectionSetNode[], parents: Parents): number {
    const fields = new Map<string, SameCalls>();
    const seen = new Set<string>();
    for (const selection of selections) this.#collect(type, selection, fields, seen);
    let total = 0;
    const shared = new Map<string, number>();
    for (const same of fields.values()) {
      const cost = findFieldCost(same.field);
      const own = cost === undefined ? 0 : this.#countOwnCalls(cost, same, parents);
      const sharedBy = cost?.options.shared;
      if (sharedBy === undefined) total += own;
      else shared.set(sharedBy, Math.max(own, shared.get(sharedBy) ?? 0));
      total += this.#countChildren(cost, same, parents);
    }
    for (const calls of shared.values()) total += calls;
    return total;
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

  #countOwnCalls(cost: FieldCost, same: SameCalls, { count, batches }: Parents): number {
    const calls = cost.countCalls(this.#parseArguments(cost, same), this.#rights);
    return calls * (cost.options.batched ? batches : count);
  }

  #countChildren(cost: FieldCost | undefined, same: SameCalls, parents: Parents): number {
    const selections = same.nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const type = getNamedType(same.field.type);
    if (cost === undefined || selections.length === 0) return this.count(type, selections, parents);
    const count = parents.count * cost.countItems(this.#parseArguments(cost, same));
    return this.count(type, selections, {
      count,
      batches: cost.options.separateItems ? count : parents.count,
    });
  }

  #parseArguments(cost: FieldCost, { field, nodes: [node] }: SameCalls): Record<string, unknown> {
    if (!cost.varies || node === undefined) return {};
    const definitions = this.#operation.variableDefinitions ?? [];
    this.varies ||= definitions.length > 0;
    const inputs = Object.fromEntries(Object.entries(this.#variableValues ?? {}));
    this.#variables ??= getVariableValues(this.#schema, definitions, inputs).coerced ?? {};
    return getArgumentValues(field, node, this.#variables);
  }
}

/** Estimate the most upstream calls of an operation. */
export function estimateUpstreamCalls(costed: CostedOperation): UpstreamEstimate {
  const operation = findOperation(costed.document, costed.operationName);
  if (operation === null) return { calls: 0, varies: false };
  const counter = new CallCounter(costed, operation);
  const root = costed.schema.getRootType(operation.operation);
  const calls = counter.count(root, [operation.selectionSet], { count: 1, batches: 1 });
  return { calls, varies: counter.varies };
}

type Estimates = WeakMap<DocumentNode, Map<unknown, number>>;

const createEstimates = (): Estimates => new WeakMap();

/**
 * Estimates that are the same for all values of the variables, by document and operation name. The rights of a caller
 * can change them in two ways.
 */
const estimatesByRights = [
  createEstimates(),
  createEstimates(),
  createEstimates(),
  createEstimates(),
] as const;

function chooseEstimates({ facts }: CostedOperation): Estimates {
  const { hasLimits, staysInWorkspace } = facts?.rights ?? allRights;
  if (hasLimits) return estimatesByRights[staysInWorkspace ? 3 : 2];
  return estimatesByRights[staysInWorkspace ? 1 : 0];
}

function findEstimate(operation: CostedOperation): number {
  const estimates = chooseEstimates(operation);
  const known = estimates.get(operation.document)?.get(operation.operationName);
  if (known !== undefined) return known;
  const { calls, varies } = estimateUpstreamCalls(operation);
  if (!varies) {
    const byName = estimates.get(operation.document) ?? new Map<unknown, number>();
    estimates.set(operation.document, byName.set(operation.operationName, calls));
  }
  return calls;
}

/** Check an operation against the budget of upstream calls. @returns an error that states both numbers, or null. */
function checkUpstreamCalls(operation: CostedOperation, limit: number): GraphQLError | null {
  const calls = findEstimate(operation);
  if (calls <= limit) return null;
  return createValidationError(
    `The operation can cost ${calls} upstream calls; the limit is ${limit} (MAX_UPSTREAM_CALLS). Request fewer objects, or fewer fields that cost a call.`,
  );
}

/** Create the guard that rejects an operation that can cost more upstream calls than its budget. */
export function createUpstreamBudget(maxCalls: number): Guard {
  return (operation) => checkUpstreamCalls(operation, maxCalls);
}
