import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
} from "graphql";
import { listCustomScalars } from "./scalars.ts";

/** Facts about the types of a schema that client caches and code generators need. */
export type TypeLists = {
  /** Concrete types of each interface and union. */
  readonly possibleTypes: Readonly<Record<string, readonly string[]>>;
  /** Types without an id of their own. They are part of the object that has them. */
  readonly embeddedTypes: readonly string[];
  /** Embedded types that an object with an id has once, at most. Two results about them can be merged. */
  readonly valueTypes: readonly string[];
  /** Value types that belong to one operation. Results about different operations must not be merged. */
  readonly operationValueTypes: readonly string[];
  /** Types with an id that is not an identity. */
  readonly unkeyedTypes: readonly string[];
  /** Fields that return one page of a list, by type. */
  readonly connectionFields: Readonly<Record<string, readonly string[]>>;
  /** Scalars of the schema and their types in TypeScript. */
  readonly customScalars: Readonly<Record<string, string>>;
};

const roots = new Set(["Query", "Mutation", "Subscription"]);

/** Collect the facts about the types of a schema. */
export function collectTypeLists(schema: GraphQLSchema): TypeLists {
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith("__"));
  const objects = types.filter(isObjectType);
  const embedded = objects.filter((type) => !roots.has(type.name) && !hasIdentity(type));
  const isPaging = ({ name }: GraphQLObjectType) => /(?:Connection|Edge|PageInfo)$/.test(name);
  const values = listValues(objects.filter(hasIdentity)).filter((type) => !isPaging(type));
  const connections = objects.map((type) => [type.name, listConnectionFields(type)] as const);
  return {
    possibleTypes: Object.fromEntries(
      types.filter(isAbstractType).map((type) => [
        type.name,
        schema
          .getPossibleTypes(type)
          .map(({ name }) => name)
          .sort(),
      ]),
    ),
    embeddedTypes: names(embedded),
    valueTypes: names(values),
    operationValueTypes: names(values.filter((type) => "correlationId" in type.getFields())),
    unkeyedTypes: names(embedded.filter((type) => "id" in type.getFields())),
    connectionFields: Object.fromEntries(connections.filter(([, fields]) => fields.length > 0)),
    customScalars: listCustomScalars(types.filter(isScalarType).map(({ name }) => name)),
  };
}

function names(types: readonly GraphQLObjectType[]): string[] {
  return types.map(({ name }) => name).sort();
}

/** Whether each object of a type has an id. An id that can be null identifies nothing. */
function hasIdentity(type: GraphQLObjectType): boolean {
  const id = type.getFields()["id"];
  return id !== undefined && isNonNullType(id.type);
}

function listConnectionFields(type: GraphQLObjectType): string[] {
  const fields = Object.values(type.getFields());
  return fields.filter((field) => getNamedType(field.type).name.endsWith("Connection")).map(toName);
}

function toName({ name }: GraphQLField<unknown, unknown>): string {
  return name;
}

/** List the embedded types that the owners have as a field without arguments, directly or through another. */
function listValues(owners: readonly GraphQLObjectType[]): GraphQLObjectType[] {
  const found = new Set<GraphQLObjectType>();
  const visit = (owner: GraphQLObjectType): void => {
    for (const { type } of Object.values(owner.getFields())) {
      const value = getNullableType(type);
      if (isListType(value) || !isObjectType(value) || hasIdentity(value) || found.has(value)) continue;
      found.add(value);
      visit(value);
    }
  };
  owners.forEach(visit);
  return [...found];
}
