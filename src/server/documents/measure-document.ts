import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";

/** The size of one operation or fragment. {@link documentLimits} defines each number. */
export type DocumentSize = {
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly directivesPerPlace: number;
};

const empty: DocumentSize = { depth: 0, aliases: 0, directives: 0, directivesPerPlace: 0 };

function add(a: DocumentSize, b: DocumentSize): DocumentSize {
  return {
    depth: Math.max(a.depth, b.depth),
    aliases: a.aliases + b.aliases,
    directives: a.directives + b.directives,
    directivesPerPlace: Math.max(a.directivesPerPlace, b.directivesPerPlace),
  };
}

/**
 * Create the measure of selection sets. Each fragment is measured once, so that fragments that spread each
 * other cost no more time than their text.
 */
function createMeasure(document: DocumentNode): (selections: SelectionSetNode | undefined) => DocumentSize {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const measured = new Map<string, DocumentSize>();

  function measureFragment(name: string): DocumentSize {
    const known = measured.get(name);
    if (known !== undefined) return known;
    measured.set(name, empty);
    const size = measure(fragments.get(name)?.selectionSet);
    measured.set(name, size);
    return size;
  }

  function measureNested(node: SelectionNode): DocumentSize {
    if (node.kind === Kind.FRAGMENT_SPREAD) return measureFragment(node.name.value);
    const size = measure(node.selectionSet);
    if (node.kind === Kind.INLINE_FRAGMENT) return size;
    return { ...size, depth: node.name.value.startsWith("__") ? 0 : size.depth + 1 };
  }

  function measure(selections: SelectionSetNode | undefined): DocumentSize {
    const names = new Set<string>();
    let total = empty;
    for (const node of selections?.selections ?? []) {
      const name = node.kind === Kind.FIELD ? node.name.value : "";
      const repeated = node.kind === Kind.FIELD && (node.alias !== undefined || names.has(name));
      names.add(name);
      const directives = node.directives?.length ?? 0;
      const own = { depth: 0, aliases: repeated ? 1 : 0, directives, directivesPerPlace: directives };
      total = add(total, add(own, measureNested(node)));
    }
    return total;
  }

  return measure;
}

/** Measure each operation and fragment of a document. A fragment on an introspection type has depth 0. */
export function measureDocument(document: DocumentNode): DocumentSize[] {
  const measure = createMeasure(document);
  return document.definitions.flatMap((node) => {
    if (node.kind !== Kind.OPERATION_DEFINITION && node.kind !== Kind.FRAGMENT_DEFINITION) return [];
    const introspects =
      node.kind === Kind.FRAGMENT_DEFINITION && node.typeCondition.name.value.startsWith("__");
    const directives = node.directives?.length ?? 0;
    const size = add(measure(node.selectionSet), { ...empty, directives, directivesPerPlace: directives });
    return [introspects ? { ...size, depth: 0 } : size];
  });
}
