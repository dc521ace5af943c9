import {
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
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
import type { CvmRead } from "../../upstream/loaders.ts";

/** What is needed of the resolver's info. */
type Selection = Pick<GraphQLResolveInfo, "fieldNodes" | "fragments" | "schema" | "variableValues">;

function isIncluded(node: SelectionNode, { variableValues }: Selection): boolean {
  if (node.directives === undefined || node.directives.length === 0) return true;
  return (
    getDirectiveValues(GraphQLSkipDirective, node, variableValues)?.["if"] !== true &&
    getDirectiveValues(GraphQLIncludeDirective, node, variableValues)?.["if"] !== false
  );
}

/** Whether a fragment on a type applies to a CVM. */
function appliesTo(cvm: GraphQLObjectType, condition: string | undefined, { schema }: Selection): boolean {
  if (condition === undefined || condition === cvm.name) return true;
  const type = schema.getType(condition);
  return isAbstractType(type) && schema.isSubType(type, cvm);
}

/** Collects the reads of a selection on a CVM. Each named fragment is visited once. */
class ReadCollector {
  readonly reads = new Set<CvmRead>();
  readonly #seen = new Set<string>();
  readonly #cvm: GraphQLObjectType;
  readonly #info: Selection;

  constructor(cvm: GraphQLObjectType, info: Selection) {
    this.#cvm = cvm;
    this.#info = info;
  }

  collect({ selections }: SelectionSetNode): void {
    for (const node of selections) {
      if (!isIncluded(node, this.#info)) continue;
      if (node.kind === Kind.FIELD) this.#collectField(node.name.value);
      else if (node.kind === Kind.INLINE_FRAGMENT) this.#collectFragment(node);
      else if (!this.#seen.has(node.name.value)) {
        this.#seen.add(node.name.value);
        this.#collectFragment(this.#info.fragments[node.name.value]);
      }
    }
  }

  #collectField(name: string): void {
    const field = this.#cvm.getFields()[name];
    const read = field && findFieldCost(field)?.options.read;
    if (read !== undefined) this.reads.add(read);
  }

  #collectFragment(fragment: InlineFragmentNode | FragmentDefinitionNode | undefined): void {
    if (fragment === undefined) return;
    if (!appliesTo(this.#cvm, fragment.typeCondition?.name.value, this.#info)) return;
    this.collect(fragment.selectionSet);
  }
}

function listReads(info: Selection): ReadonlySet<CvmRead> {
  const cvm = info.schema.getType("Cvm");
  if (!isObjectType(cvm)) return new Set();
  const collector = new ReadCollector(cvm, info);
  for (const { selectionSet } of info.fieldNodes) {
    if (selectionSet !== undefined) collector.collect(selectionSet);
  }
  return collector.reads;
}

/**
 * Send the reads that the selected fields of a CVM will need, in parallel with the read of the CVM itself. They are
 * exactly those that the fields send. If the CVM does not exist, nobody waits for them.
 *
 * @param ref - any other identifier than the CVM's own id has to be resolved first, so nothing is sent
 */
export function readAhead(ctx: Context, ref: CvmRef, info: Selection): void {
  if (!isOwnId(ref)) return;
  for (const read of listReads(info)) void ctx.loaders[read](ref, "ahead");
}
