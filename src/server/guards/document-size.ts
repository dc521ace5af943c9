import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type ParseOptions,
  parse,
  type SelectionNode,
  type SelectionSetNode,
  type Source,
} from "graphql";
import { documentLimits } from "../../limits.ts";

type Size = {
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly directivesPerPlace: number;
};

const empty: Size = { depth: 0, aliases: 0, directives: 0, directivesPerPlace: 0 };

function refuse(message: string): GraphQLError {
  return new GraphQLError(message, {
    extensions: { code: "GRAPHQL_VALIDATION_FAILED", http: { spec: true, status: 400 } },
  });
}

/** Parses a document of a limited number of tokens. */
export function parseLimited(source: string | Source, options?: ParseOptions): DocumentNode {
  try {
    return parse(source, { ...options, maxTokens: documentLimits.tokens });
  } catch (error) {
    const tooLong = error instanceof GraphQLError && error.message.includes("Document contains more tha");
    throw tooLong ? refuse(`The document exceeds the limit of ${documentLimits.tokens} tokens.`) : error;
  }
}

function add(a: Size, b: Size): Size {
  return {
    depth: Math.max(a.depth, b.depth),
    aliases: a.aliases + b.aliases,
    directives: a.directives + b.directives,
    directivesPerPlace: Math.max(a.directivesPerPlace, b.directivesPerPlace),
  };
}

/** Measures each fragment once, so that fragments that spread each other cost no more than their text. */
function createMeasure(document: DocumentNode): (selections: SelectionSetNode | undefined) => Size {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const measured = new Map<string, Size>();

  function measureFragment(name: string): Size {
    const known = measured.get(name);
    if (known !== undefined) return known;
    measured.set(name, empty);
    const size = measure(fragments.get(name)?.selectionSet);
    measured.set(name, size);
    return size;
  }

  function measureNested(node: SelectionNode): Size {
    if (node.kind === Kind.FRAGMENT_SPREAD) return measureFragment(node.name.value);
    const size = measure(node.selectionSet);
    if (node.kind === Kind.INLINE_FRAGMENT) return size;
    return { ...size, depth: node.name.value.startsWith("__") ? 0 : size.depth + 1 };
  }

  function measure(selections: SelectionSetNode | undefined): Size {
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

/** Checks a document against its limits. @returns the error that names the limit, or null. */
export function checkDocumentLimits(document: DocumentNode): GraphQLError | null {
  const measure = createMeasure(document);
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION && node.kind !== Kind.FRAGMENT_DEFINITION) continue;
    const introspects =
      node.kind === Kind.FRAGMENT_DEFINITION && node.typeCondition.name.value.startsWith("__");
    const own = node.directives?.length ?? 0;
    const { depth, aliases, directives, directivesPerPlace } = add(measure(node.selectionSet), {
      ...empty,
      directives: own,
      directivesPerPlace: own,
    });
    const { depth: maxDepth, aliases: maxAliases } = documentLimits;
    if (depth > maxDepth && !introspects)
      return refuse(`The document is ${depth} fields deep; the limit is ${maxDepth}.`);
    if (aliases > maxAliases) {
      return refuse(`The document has ${aliases} aliases and repeated fields; the limit is ${maxAliases}.`);
    }
    if (directives > documentLimits.directives) {
      return refuse(`The document has ${directives} directives; the limit is ${documentLimits.directives}.`);
    }
    if (directivesPerPlace > documentLimits.directivesPerPlace) {
      return refuse(
        `The document has ${directivesPerPlace} directives in one place; the limit is ${documentLimits.directivesPerPlace}.`,
      );
    }
  }
  return null;
}
