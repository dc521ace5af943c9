import { type DocumentNode, Kind, type OperationDefinitionNode } from "graphql";

/**
 * Whether an operation has more than `limit` selections when each fragment counts at each spread. Stops at the
 * limit, because fragments that spread each other twice double the number at each level.
 */
export function exceedsSelections(
  { definitions }: DocumentNode,
  { selectionSet }: OperationDefinitionNode,
  limit: number,
): boolean {
  const fragments = new Map(
    definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node.selectionSet]] : [],
    ),
  );
  const pending = [selectionSet];
  let count = 0;
  for (let set = pending.pop(); set !== undefined; set = pending.pop()) {
    count += set.selections.length;
    if (count > limit) return true;
    for (const node of set.selections) {
      const inner = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node.selectionSet;
      if (inner !== undefined) pending.push(inner);
    }
  }
  return false;
}
