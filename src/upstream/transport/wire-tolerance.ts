import { z } from "zod";
import { deriveFormCheck, isObject } from "./wire-form.ts";

/**
 * Number of unexpected parts in the answer that is being parsed. Parsing is synchronous, so one counter serves
 * all answers.
 */
let unexpectedParts = 0;

function replaceUnexpected<T>(value: T): () => T {
  return () => {
    unexpectedParts += 1;
    return value;
  };
}

/** Value that is null if it has another form. */
function wirePlace<T extends z.core.$ZodType>(schema: T) {
  return z.catch(z.nullable(schema), replaceUnexpected(null));
}

/** Derive the schema in which an optional member of another form is null. It is ten times slower. */
function deriveTolerant<T extends z.core.$ZodType>(schema: T): T {
  if (schema instanceof z.ZodObject) {
    const shape = Object.fromEntries(
      Object.entries<z.core.$ZodType>(schema.shape).map(([name, member]) => [name, deriveTolerant(member)]),
    );
    return schema.clone({ ...schema.def, shape });
  }
  if (schema instanceof z.ZodOptional) {
    const innerType = wirePlace(deriveTolerant(schema.unwrap()));
    return schema.clone({ ...schema.def, innerType });
  }
  if (schema instanceof z.ZodArray) {
    return schema.clone({ ...schema.def, element: wirePlace(deriveTolerant(schema.unwrap())) });
  }
  if (schema instanceof z.ZodNullable) {
    return schema.clone({ ...schema.def, innerType: deriveTolerant(schema.unwrap()) });
  }
  return schema;
}

/** Plain list inside a {@link wireObject}. It has null in the place of an item of another form. */
export function wireItems<T extends z.ZodType>(item: T) {
  return z.array(item.nullable());
}

/** Return the items of a list that have their documented form. */
export function listKnown<T>(items: readonly (T | null)[] | null | undefined): T[] {
  return items?.filter((item) => item !== null) ?? [];
}

/** Schema that reads a value itself. {@link parseTolerantly} then needs no zod, which costs more than most answers. */
export type WireSchema<T> = z.ZodType<T> & {
  /** Return null for a value that has no meaning. */
  readonly read: (value: unknown) => T | null;
};

/** Value that a function reads. @param read - returns null for a value that has no meaning */
export function wireValue<T>(read: (value: unknown) => T | null): WireSchema<T> {
  const schema = z.unknown().transform((value, context) => {
    const result = read(value);
    if (result !== null) return result;
    context.addIssue("not the documented form");
    return z.NEVER;
  });
  return Object.assign(schema, { read });
}

/**
 * Object of the REST API. Declare members that may be missing with `.nullish()`. If one of them has another form, it
 * is null: an unexpected member must not take the whole answer with it.
 *
 * Members without transforms are only looked at, and not copied. `convert` makes our own type of them. An object
 * without the documented form is read again, member by member.
 *
 * @param convert - returns null for an object that has no meaning
 */
export function wireObject<Shape extends z.core.$ZodLooseShape, T extends object>(
  shape: Shape,
  convert: (wire: z.output<z.ZodObject<Shape>>) => T | null,
): WireSchema<T> {
  const strict = z.object(shape);
  const parseStrict = createStrictParser(strict);
  let tolerant: typeof strict | undefined;
  return wireValue((value) => {
    const parsed = parseStrict(value);
    if (parsed !== null) return convert(parsed);
    tolerant ??= deriveTolerant(strict);
    const { success, data } = tolerant.safeParse(value);
    return success ? convert(data) : null;
  });
}

/** Object whose member names are keys. An item of another form is null. */
export function wireMap<T>(item: WireSchema<T>): WireSchema<ReadonlyMap<string, T | null>> {
  return wireValue((value) =>
    isObject(value)
      ? new Map(Object.entries(value).map(([key, member]) => [key, readPlace(item, member)]))
      : null,
  );
}

/** Create the parser of values that have the documented form. It returns null for any other value. */
function createStrictParser<T extends z.ZodObject>(schema: T): (value: unknown) => z.output<T> | null {
  const check = deriveFormCheck(schema);
  if (check !== null) {
    const hasForm = (value: unknown): value is z.output<T> => check(value);
    return (value) => (hasForm(value) ? value : null);
  }
  return (value) => {
    const before = unexpectedParts;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    unexpectedParts = before;
    return null;
  };
}

function isWireSchema<T>(schema: z.ZodType<T>): schema is WireSchema<T> {
  return "read" in schema;
}

/**
 * Parse an answer. Count the parts that were replaced or left out because they had another form.
 *
 * @throws {Error} for an answer that has no meaning
 */
export function parseTolerantly<T>(schema: z.ZodType<T>, json: unknown) {
  unexpectedParts = 0;
  if (!isWireSchema(schema)) return { value: schema.parse(json), unexpectedParts };
  const value = schema.read(json);
  if (value === null) throw new TypeError("not the documented form");
  return { value, unexpectedParts };
}

/**
 * Member that the REST API may omit or send as null. Our types have null for both, and for a value of another
 * form. Slow: in an answer that is read often, use {@link wireObject}.
 */
export function wireOptional<T extends z.ZodType>(schema: T) {
  return schema
    .nullish()
    .catch(replaceUnexpected(null))
    .transform((value) => value ?? null);
}

/** Member with a default for when the REST API omits it, sends null, or sends a value of another form. */
export function wireDefault<T>(schema: z.ZodType<T>, value: T) {
  return wireOptional(schema).transform((given) => given ?? value);
}

/** List whose items are read by {@link readPlaces}. */
export const wirePage = z.array(z.unknown());

function readPlace<T>({ read }: WireSchema<T>, value: unknown): T | null {
  const result = read(value);
  if (result === null && value !== null) unexpectedParts += 1;
  return result;
}

/** Read the items of a page. One of another form is null, so that the others keep their places. */
export function readPlaces<T>(item: WireSchema<T>, values: readonly unknown[]): (T | null)[] {
  return values.map((value) => readPlace(item, value));
}

/** List without the items of another form. */
export function wireList<T extends z.ZodType>(item: T) {
  return z.array(wirePlace(item)).transform((items) => items.flatMap((one) => (one === null ? [] : [one])));
}
