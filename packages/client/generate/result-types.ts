import {
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  type SelectionSetNode,
} from "graphql";
import { getScalarType } from "./scalars.ts";

/** Fields that one object type has in a selection. */
type Fields = Map<
  string,
  { readonly type: GraphQLOutputType; readonly sets: SelectionSetNode[]; optional: boolean }
>;

/** Writes the TypeScript type of a selection. */
export type ResultTypes = {
  write(type: GraphQLCompositeType, sets: readonly SelectionSetNode[]): string;
  /** Names of the enums in the types that were written. */
  readonly enums: ReadonlySet<string>;
};

/** Create the writer for the documents of one schema. */
export function createResultTypes(
  schema: GraphQLSchema,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): ResultTypes {
  const enums = new Set<string>();

  function applies(condition: string | undefined, type: GraphQLObjectType): boolean {
    if (condition === undefined || condition === type.name) return true;
    const target = schema.getType(condition);
    return isAbstractType(target) && schema.isSubType(target, type);
  }

  function collect(type: GraphQLObjectType, set: SelectionSetNode, fields: Fields, optional = false): void {
    for (const selection of set.selections) {
      const isConditional = optional || (selection.directives?.length ?? 0) > 0;
      if (selection.kind === "Field") {
        const key = selection.alias?.value ?? selection.name.value;
        if (selection.name.value === "__typename") continue;
        const field = type.getFields()[selection.name.value];
        if (field === undefined) throw new Error(`${type.name} has no field ${selection.name.value}.`);
        const known = fields.get(key) ?? { type: field.type, sets: [], optional: true };
        if (selection.selectionSet !== undefined) known.sets.push(selection.selectionSet);
        known.optional &&= isConditional;
        fields.set(key, known);
        continue;
      }
      const fragment = selection.kind === "FragmentSpread" ? fragments.get(selection.name.value) : selection;
      if (fragment === undefined) throw new Error("A fragment is missing.");
      if (applies(fragment.typeCondition?.name.value, type)) {
        collect(type, fragment.selectionSet, fields, isConditional);
      }
    }
  }

  function writeObject(type: GraphQLObjectType, sets: readonly SelectionSetNode[], named: boolean): string {
    const fields: Fields = new Map();
    for (const set of sets) collect(type, set, fields);
    const members = [...fields].map(
      ([key, field]) => `readonly ${key}${field.optional ? "?" : ""}: ${writeType(field.type, field.sets)}`,
    );
    const all = named ? [`readonly __typename: "${type.name}"`, ...members] : members;
    return `{ ${all.join("; ")} }`;
  }

  function write(type: GraphQLCompositeType, sets: readonly SelectionSetNode[]): string {
    if (isObjectType(type)) return writeObject(type, sets, false);
    return schema
      .getPossibleTypes(type)
      .map((possible) => writeObject(possible, sets, true))
      .join(" | ");
  }

  function writeType(type: GraphQLOutputType, sets: readonly SelectionSetNode[]): string {
    if (!isNonNullType(type)) return `${writeNonNull(type, sets)} | null`;
    return writeNonNull(type.ofType, sets);
  }

  function writeNonNull(type: GraphQLOutputType, sets: readonly SelectionSetNode[]): string {
    if (isListType(type)) return `readonly (${writeType(type.ofType, sets)})[]`;
    if (isCompositeType(type)) return write(type, sets);
    const { name } = getNamedType(type);
    if (isEnumType(type)) enums.add(name);
    return isEnumType(type) ? name : getScalarType(name);
  }

  return { write, enums };
}
