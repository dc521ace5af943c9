import fc from "fast-check";
import {
  type GraphQLInputType,
  type GraphQLNamedOutputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";

/** An operation with its variables. */
export type Operation = { readonly query: string; readonly variables: Readonly<Record<string, unknown>> };

const MAX_DEPTH = 4;

const ids = fc.constantFrom(
  "web-phala",
  "web-base",
  "fleet-01",
  "fails-malformed",
  "offline-node",
  "twin-name",
  "no-such",
  "",
);
const texts = fc.oneof(
  ids,
  fc.constantFrom(
    "00".repeat(32),
    "0x",
    "services:\n  a:\n    image: b\n",
    "a: &a [*a]",
    "__proto__",
    "\u0000",
    "é💥",
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
);
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(null, -1, 0, 2 ** 31, 2 ** 53, 1e308, 0.5, "", [], {}),
);

/** Arbitrary of a value of an input type. Most are valid, some are not. */
function arbitraryValue(type: GraphQLInputType, depth: number): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return arbitraryValue(type.ofType, depth);
  return fc.oneof({ weight: 60, arbitrary: arbitraryGood(type, depth) }, { weight: 1, arbitrary: anything });
}

function arbitraryGood(type: GraphQLInputType, depth: number): fc.Arbitrary<unknown> {
  if (isListType(type)) return fc.array(arbitraryValue(type.ofType, depth + 1), { maxLength: 3 });
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name));
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    const required = fields.filter((field) => isNonNullType(field.type)).map(({ name }) => name);
    const model = Object.fromEntries(
      fields
        .filter((field) => isNonNullType(field.type) || depth < MAX_DEPTH)
        // With waits, a run would last minutes.
        .filter(({ name }) => !name.startsWith("wait"))
        .map((field) => [field.name, arbitraryValue(field.type, depth + 1)]),
    );
    return fc.record(model, { requiredKeys: required });
  }
  const name = getNamedType(type).name;
  if (name === "ID") return ids;
  if (name === "Boolean") return fc.boolean();
  if (name === "Int" || name === "SafeInt") return fc.integer({ min: -2, max: 5_000 });
  if (name === "Float") return fc.oneof(fc.integer({ min: -2, max: 5_000 }), fc.double());
  if (name === "Hex" || name === "EthAddress")
    return fc.uint8Array({ maxLength: 33 }).map((bytes) => `0x${Buffer.from(bytes).toString("hex")}`);
  return texts;
}

type Variables = Readonly<Record<string, { readonly type: string; readonly value: unknown }>>;
type Piece = { readonly text: string; readonly variables: Variables };

function merge(pieces: readonly Piece[]): Variables {
  return Object.fromEntries(pieces.flatMap(({ variables }) => Object.entries(variables)));
}

/** Number of variables so far. It keeps their names different within a document. */
let count = 0;

function arbitrarySelection(
  type: GraphQLOutputType,
  schema: GraphQLSchema,
  depth: number,
): fc.Arbitrary<Piece> {
  const named: GraphQLNamedOutputType = getNamedType(type);
  if (!isCompositeType(named)) return fc.constant({ text: "", variables: {} });
  const typename: Piece = { text: "__typename", variables: {} };
  const wrap = (pieces: readonly Piece[]): Piece => ({
    text: ` { ${["__typename", ...pieces.map(({ text }) => text)].join(" ")} }`,
    variables: merge(pieces),
  });
  if (depth >= MAX_DEPTH) return fc.constant(wrap([typename]));
  if (!isObjectType(named)) {
    return fc.subarray([...schema.getPossibleTypes(named)], { maxLength: 2 }).chain((chosen) =>
      fc
        .tuple(
          ...chosen.map((member) =>
            arbitraryFields(member, schema, depth, 2).map((pieces) => {
              const { text, variables } = wrap(pieces);
              return { text: `... on ${member.name}${text}`, variables };
            }),
          ),
        )
        .map(wrap),
    );
  }
  return arbitraryFields(named, schema, depth, 4).map(wrap);
}

function arbitraryFields(
  type: GraphQLObjectType,
  schema: GraphQLSchema,
  depth: number,
  maxLength: number,
): fc.Arbitrary<Piece[]> {
  const fields = Object.values(type.getFields());
  return fc
    .subarray(fields, { minLength: 1, maxLength: Math.min(maxLength, fields.length) })
    .chain((chosen) =>
      fc.tuple(
        ...chosen.map((field) => {
          const values = fc.tuple(...field.args.map((arg) => arbitraryValue(arg.type, 0)));
          return fc.tuple(values, arbitrarySelection(field.type, schema, depth + 1)).map(([given, below]) => {
            const own: Record<string, { type: string; value: unknown }> = {};
            const args = field.args.map((arg, index) => {
              count += 1;
              own[`v${count}`] = { type: String(arg.type), value: given[index] };
              return `${arg.name}: $v${count}`;
            });
            count += 1;
            const written = args.length > 0 ? `(${args.join(", ")})` : "";
            return {
              text: `f${count}: ${field.name}${written}${below.text}`,
              variables: { ...below.variables, ...own },
            };
          });
        }),
      ),
    );
}

function writeOperation(keyword: string, pieces: readonly Piece[]): Operation {
  const variables = Object.entries(merge(pieces));
  const declared = variables.map(([name, { type }]) => `$${name}: ${type}`).join(", ");
  return {
    query: `${keyword}${declared === "" ? "" : ` (${declared})`} { ${pieces.map(({ text }) => text).join(" ")} }`,
    variables: Object.fromEntries(variables.map(([name, { value }]) => [name, value])),
  };
}

/** Arbitrary of an operation that is valid for the schema. Its variables can be wrong. */
export function arbitraryOperation(schema: GraphQLSchema): fc.Arbitrary<Operation> {
  const [query, mutation] = [schema.getQueryType(), schema.getMutationType()];
  if (!query || !mutation) throw new Error("The schema has no queries or no mutations.");
  return fc.oneof(
    arbitraryFields(query, schema, 0, 3).map((pieces) => writeOperation("query", pieces)),
    arbitraryFields(mutation, schema, 0, 1).map((pieces) => writeOperation("mutation", pieces)),
  );
}

/** Arbitrary of a document with a part removed or inserted, which can be invalid. */
export function arbitraryBrokenOperation(schema: GraphQLSchema): fc.Arbitrary<Operation> {
  return fc
    .tuple(arbitraryOperation(schema), fc.double({ min: 0, max: 1, noNaN: true }), texts, anything)
    .map(([{ query, variables }, place, text, value]) => {
      const at = Math.floor(place * query.length);
      return {
        query: query.slice(0, at) + text + query.slice(at + 2),
        variables: { ...variables, extra: value },
      };
    });
}
