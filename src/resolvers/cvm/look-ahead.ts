import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  type InlineFragmentNode,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { Context } from "../../context.ts";
import { findFieldCost } from "../../schema/core/field-cost.ts";
import { type CvmRef, isOwnId } from "../../upstream/cvm-ref.ts";

/** What is needed of the resolver's info. */
type Selection = Pick<GraphQLResolveInfo, "fieldNodes" | "fragments" | "schema" | "variableValues">;

function isIncluded(node: SelectionNode, { variableValues }: Selection): boolean {
  if (node.directives === undefined || node.directives.length === 0) return true;
  return (
    getDirectiveValues(GraphQLSkipDirective, node, variableValues)?.["if"] !== true &&
    getDirectiveValues(GraphQLIncludeDirective, node, variableValues)?.["if"] !== false
  );
}

/** Whether a fragment on a type applies to an object of another type. */
function appliesTo(object: GraphQLObjectType, condition: string | undefined, { schema }: Selection): boolean {
  if (condition === undefined || condition === object.name) return true;
  const type = schema.getType(condition);
  return isAbstractType(type) && schema.isSubType(type, object);
}

/** Collects the selected fields of an object. Each named fragment is visited once. */
class FieldCollector {
  readonly nodes: FieldNode[] = [];
  readonly #seen = new Set<string>();
  readonly #object: GraphQLObjectType;
  readonly #info: Selection;

  constructor(object: GraphQLObjectType, info: Selection) {
    this.#object = object;
    this.#info = info;
  }

  collect({ selections }: SelectionSetNode): void {
    for (const node of selections) {
      if (!isIncluded(node, this.#info)) continue;
      if (node.kind === Kind.FIELD) this.nodes.push(node);
      else if (node.kind === Kind.INLINE_FRAGMENT) this.#collectFragment(node);
      else if (!this.#seen.has(node.name.value)) {
        this.#seen.add(node.name.value);
        this.#collectFragment(this.#info.fragments[node.name.value]);
      }
    }
  }

  #collectFragment(fragment: InlineFragmentNode | FragmentDefinitionNode | undefined): void {
    if (fragment === undefined) return;
    if (!appliesTo(this.#object, fragment.typeCondition?.name.value, this.#info)) return;
    this.collect(fragment.selectionSet);
  }
}

/** List the fields that are selected on an object by the fields that return it. */
function listFields(object: GraphQLObjectType, info: Selection): readonly FieldNode[] {
  const collector = new FieldCollector(object, info);
  for (const { selectionSet } of info.fieldNodes) {
    if (selectionSet !== undefined) collector.collect(selectionSet);
  }
  return collector.nodes;
}

function readFieldAhead(
  { loaders }: Context,
  ref: CvmRef,
  { field, node }: { readonly field: GraphQLField<unknown, unknown>; readonly node: FieldNode },
  { variableValues }: Selection,
): void {
  const read = findFieldCost(field)?.options.read;
  if (read === undefined) return;
  if (typeof read === "string") {
    void loaders[read](ref, "ahead");
    return;
  }
  try {
    read(loaders, ref, getArgumentValues(field, node, variableValues));
  } catch {
    // The field reports what is wrong with its arguments.
  }
}

/**
 * Send the reads that the selected fields of a CVM will need, in parallel with the read of the CVM itself. They are
 * exactly those that the fields send. If the CVM does not exist, nobody waits for them.
 *
 * Fields whose reads need a member of the CVM have to wait for it: `state` its UUID, `revisions` its app id,
 * `onChain` its compose hash or contract, `envEncryptionKey` its KMS.
 *
 * @param ref - any other identifier than the CVM's own id has to be resolved first, so nothing is sent
 */
export function readAhead(ctx: Context, ref: CvmRef, info: Selection): void {
  const cvm = info.schema.getType("Cvm");
  if (!isOwnId(ref) || !isObjectType(cvm)) return;
  const fields = cvm.getFields();
  for (const node of listFields(cvm, info)) {
    const field = fields[node.name.value];
    if (field !== undefined) readFieldAhead(ctx, ref, { field, node }, info);
  }
}

/** Send the reads of the CVM that is selected on an operation, as {@link readAhead} does. */
export function readOperationAhead(ctx: Context, ref: CvmRef, info: Selection): void {
  const operation = info.schema.getType("Operation");
  if (!isOwnId(ref) || !isObjectType(operation)) return;
  const fieldNodes = listFields(operation, info).filter(({ name }) => name.value === "cvm");
  const { fragments, schema, variableValues } = info;
  if (fieldNodes.length > 0) readAhead(ctx, ref, { fieldNodes, fragments, schema, variableValues });
}
