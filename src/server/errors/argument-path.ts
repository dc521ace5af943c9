import { type ASTNode, type DocumentNode, Kind, visit } from "graphql";

/** Extension with which a validation error carries its input path to `maskError`. */
export const INPUT_PATH = "inputPath";

/**
 * Return the input path of a node in an argument. It starts at the argument, for example `input.vcpu`.
 *
 * @param ancestors - the nodes around it, from the outside in
 * @param keys - the key in each ancestor that leads towards the node
 * @returns an empty text outside of arguments
 */
export function formatInputPath(
  ancestors: readonly (ASTNode | readonly ASTNode[])[],
  keys: readonly (string | number)[],
): string {
  const parts = ancestors.flatMap((node, at): (string | number)[] => {
    if (!("kind" in node)) {
      const owner = ancestors[at - 1];
      const inList = owner !== undefined && "kind" in owner && owner.kind === Kind.LIST;
      return inList ? keys.slice(at, at + 1) : [];
    }
    return node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD ? [node.name.value] : [];
  });
  return parts.join(".");
}

/** Find the input path of a literal, or of a field of an object literal. @returns null outside of arguments */
export function findLiteralPath(document: DocumentNode, wanted: ASTNode): string | null {
  let found = "";
  visit(document, {
    enter(node, _key, parent, keys, ancestors) {
      if (node !== wanted) return;
      found = formatInputPath([...ancestors, ...(parent === undefined ? [] : [parent]), node], keys);
    },
  });
  return found || null;
}

/**
 * Name the field that a message of GraphQL is about, where the message belongs to the object around it.
 *
 * @returns null for a message about a value
 */
export function findFieldInMessage(message: string): string | null {
  const named = /^Field "(?:\w+\.)?(\w+)" of required type /.exec(message);
  const unknown = /^Field "([^"]+)" is not defined by type /.exec(message);
  return named?.[1] ?? unknown?.[1] ?? null;
}
