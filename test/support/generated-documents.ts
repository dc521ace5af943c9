import {
  astFromValue,
  type GraphQLField,
  type GraphQLOutputType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  print,
} from "graphql";
import { schema } from "../../src/schema/schema.ts";
import { createRandom, type Random } from "./random.ts";
import { makeValue } from "./test-documents.ts";

const IDS: readonly [string, ...string[]] = [
  "web-phala",
  "db-base",
  "fails-503",
  "fails-500",
  "fails-malformed",
];
const MAX_DEPTH = 6;

/** Fields that the random queries leave out: they wait, or their answer differs from call to call. */
const LEFT_OUT = /Subscription|attestation|^__/i;

/** Makes one random query of the schema, with aliases, fragments, directives, variables and literals. */
class QueryMaker {
  readonly variables: Record<string, unknown> = {};
  readonly #definitions: string[] = [];
  readonly #fragments: string[] = [];
  readonly #random: Random;
  #names = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  make(): string {
    const selection = this.#select(schema.getQueryType(), 0);
    const definitions = this.#definitions.length === 0 ? "" : `(${this.#definitions.join(", ")})`;
    return [`query Made${definitions} ${selection}`, ...this.#fragments].join("\n");
  }

  #select(type: GraphQLOutputType | null | undefined, depth: number): string {
    const named = type && getNamedType(type);
    if (!isCompositeType(named)) return "";
    const parts = isObjectType(named) || isInterfaceType(named) ? this.#pickFields(named, depth) : [];
    if (isAbstractType(named)) {
      for (const possible of schema.getPossibleTypes(named)) {
        if (this.#random.chance(0.6))
          parts.push(`... on ${possible.name} ${this.#select(possible, depth + 1)}`);
      }
    }
    if (parts.length === 0 || this.#random.chance(0.2)) parts.push("__typename");
    const text = `{ ${parts.join(" ")} }`;
    if (depth === 0 || !this.#random.chance(0.15)) return text;
    const name = `F${this.#fragments.length}`;
    this.#fragments.push(`fragment ${name} on ${named.name} ${text}`);
    return `{ ...${name}${this.#direct()} __typename }`;
  }

  #pickFields(
    type: { getFields(): Record<string, GraphQLField<unknown, unknown>> },
    depth: number,
  ): string[] {
    const fields = Object.values(type.getFields()).filter(
      (field) =>
        !LEFT_OUT.test(field.name) && (depth < MAX_DEPTH || !isCompositeType(getNamedType(field.type))),
    );
    const share = Math.min(1, (depth === 0 ? 1.5 : 3) / Math.max(1, fields.length));
    return fields.filter(() => this.#random.chance(share)).map((field) => this.#writeField(field, depth));
  }

  #writeField(field: GraphQLField<unknown, unknown>, depth: number): string {
    const alias = this.#random.chance(0.2) ? `a${this.#names++}: ` : "";
    const args = field.args
      .filter((arg) => isRequiredArgument(arg) || arg.name === "first")
      .map((arg) => {
        const value = /^ids?$/i.test(arg.name)
          ? this.#random.pick(IDS)
          : arg.name === "first"
            ? 3
            : makeValue(arg.type);
        const listed = arg.name === "ids" ? [value, "web-phala"] : value;
        return `${arg.name}: ${this.#write(String(arg.type), listed, () => print(astFromValue(listed, arg.type) ?? { kind: "NullValue" as never }))}`;
      });
    const list = args.length === 0 ? "" : `(${args.join(", ")})`;
    return `${alias}${field.name}${list}${this.#direct()} ${this.#select(field.type, depth + 1)}`;
  }

  /** Write a value as a variable or as a literal. */
  #write(type: string, value: unknown, toLiteral: () => string): string {
    if (this.#random.chance(0.5)) return toLiteral();
    const name = `v${this.#names++}`;
    this.#definitions.push(`$${name}: ${type}`);
    this.variables[name] = value;
    return `$${name}`;
  }

  #direct(): string {
    if (!this.#random.chance(0.1)) return "";
    const value = this.#random.chance(0.8);
    const [name, passes] = this.#random.chance(0.5) ? ["include", value] : ["skip", !value];
    return ` @${name}(if: ${this.#write("Boolean!", passes, () => String(passes))})`;
  }
}

/** Make random queries, the same ones for the same seed. */
export function generateQueries(count: number, seed: number) {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const maker = new QueryMaker(random);
    return { query: maker.make(), variables: maker.variables };
  });
}
