import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
} from "graphql";

/** Levels of fields that are looked at. Other limits reject a deeper document, or one whose fragments form a circle. */
const MAX_LEVELS = 50;

/** Selections that are looked at for each comparison of the limit. Fragments can repeat without any overlap. */
const SELECTIONS_PER_COMPARISON = 10;

/** Selection sets whose fields share one path of the response. */
type Group = { readonly sets: readonly SelectionSetNode[]; readonly level: number };

/** Return the fragments of a document by name. */
function findFragments(document: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  return fragments;
}

/** Collect the fields of a group by response name. Inline fragments and spreads count as their contents. */
function collectFields(sets: readonly SelectionSetNode[], fragments: Map<string, FragmentDefinitionNode>) {
  const fields = new Map<string, FieldNode[]>();
  const pending = [...sets];
  const spread = new Set<string>();
  let visited = 0;
  for (let set = pending.pop(); set !== undefined; set = pending.pop()) {
    for (const node of set.selections) {
      visited += 1;
      if (node.kind === Kind.INLINE_FRAGMENT) pending.push(node.selectionSet);
      else if (node.kind === Kind.FIELD) {
        const name = node.alias?.value ?? node.name.value;
        const same = fields.get(name);
        if (same === undefined) fields.set(name, [node]);
        else same.push(node);
      } else if (!spread.has(node.name.value)) {
        spread.add(node.name.value);
        const fragment = fragments.get(node.name.value);
        if (fragment !== undefined) pending.push(fragment.selectionSet);
      }
    }
  }
  return { fields, visited };
}

/**
 * Whether the rule that overlapping fields can be merged would need more comparisons than `limit`. The rule
 * compares each pair of fields with the same path in the response, so its cost grows with the square of the text.
 * The count is an estimate. It stops at the limit.
 */
export function exceedsComparisons(document: DocumentNode, limit: number): boolean {
  const fragments = findFragments(document);
  const pending: Group[] = document.definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION || node.kind === Kind.FRAGMENT_DEFINITION
      ? [{ sets: [node.selectionSet], level: 1 }]
      : [],
  );
  const alone = new Set<SelectionSetNode>();
  let comparisons = 0;
  let visited = 0;
  for (let group = pending.pop(); group !== undefined; group = pending.pop()) {
    const [first, ...others] = group.sets;
    // A set that overlaps no other is counted once, however often its fragment is spread.
    if (first === undefined || (others.length === 0 && alone.has(first))) continue;
    if (others.length === 0) alone.add(first);
    const collected = collectFields(group.sets, fragments);
    visited += collected.visited;
    for (const fields of collected.fields.values()) {
      comparisons += (fields.length * (fields.length - 1)) / 2;
      const sets = fields.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (group.level < MAX_LEVELS) pending.push({ sets, level: group.level + 1 });
    }
    if (comparisons > limit || visited > limit * SELECTIONS_PER_COMPARISON) return true;
  }
  return false;
}
