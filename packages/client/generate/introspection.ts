import {
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isUnionType,
} from "graphql";

/** Reference to a type, as in an introspection result. */
type TypeRef = { readonly kind: string; readonly name?: string; readonly ofType?: TypeRef };

/** Scalars, enums and inputs count as this type: a cache needs to know only where objects are. */
const ANY: TypeRef = { kind: "SCALAR", name: "Any" };

/** Type in an introspection result. */
type Described = {
  readonly kind: string;
  readonly name: string;
  readonly fields?: readonly object[];
  readonly interfaces?: readonly TypeRef[];
  readonly possibleTypes?: readonly TypeRef[];
};

/**
 * Create the introspection result that graphcache needs: objects, interfaces and unions with their fields, which
 * is what `minifyIntrospectionQuery` of `@urql/introspection` leaves.
 */
export function createIntrospection(schema: GraphQLSchema) {
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith("__"));
  const described = types.flatMap((type): Described[] => {
    if (isUnionType(type)) {
      const possibleTypes = type.getTypes().map(({ name }) => ({ kind: "OBJECT", name }));
      return [{ kind: "UNION", name: type.name, possibleTypes }];
    }
    if (!isObjectType(type) && !isInterfaceType(type)) return [];
    const fields = Object.values(type.getFields()).map((field) => ({
      name: field.name,
      type: describe(field.type),
      args: field.args.map(({ name }) => ({ name, type: ANY })),
    }));
    const interfaces = type.getInterfaces().map(({ name }) => ({ kind: "INTERFACE", name }));
    if (isObjectType(type)) return [{ kind: "OBJECT", name: type.name, fields, interfaces }];
    const possibleTypes = schema.getPossibleTypes(type).map(({ name }) => ({ kind: "OBJECT", name }));
    return [{ kind: "INTERFACE", name: type.name, fields, interfaces, possibleTypes }];
  });
  return {
    __schema: {
      queryType: { name: "Query" },
      mutationType: { name: "Mutation" },
      subscriptionType: { name: "Subscription" },
      types: [...described, ANY],
    },
  };
}

function describe(type: GraphQLOutputType): TypeRef {
  if (isNonNullType(type)) return { kind: "NON_NULL", ofType: describe(type.ofType) };
  if (isListType(type)) return { kind: "LIST", ofType: describe(type.ofType) };
  if (isUnionType(type)) return { kind: "UNION", name: type.name };
  if (isInterfaceType(type)) return { kind: "INTERFACE", name: type.name };
  const { name } = getNamedType(type);
  return isScalarType(type) || !isObjectType(type) ? ANY : { kind: "OBJECT", name };
}
