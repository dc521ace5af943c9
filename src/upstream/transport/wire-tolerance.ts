import { z } from "zod";

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

/** Parse an answer. Count the parts that were replaced or left out because they had another form. */
export function parseTolerantly<T extends z.ZodType>(schema: T, json: unknown) {
  unexpectedParts = 0;
  const parsed = schema.safeParse(json);
  return { parsed, unexpectedParts };
}

/**
 * Member that the REST API may omit or send as null. Our types have null for both, and for a value of another
 * form: an unexpected member must not take the whole answer with it.
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

/** List that keeps null in the place of an item of another form. */
export function wirePlaces<T extends z.ZodType>(item: T) {
  return z.array(item.nullable().catch(replaceUnexpected(null)));
}

/** List without the items of another form. */
export function wireList<T extends z.ZodType>(item: T) {
  return wirePlaces(item).transform((items) => items.flatMap((one) => (one === null ? [] : [one])));
}
