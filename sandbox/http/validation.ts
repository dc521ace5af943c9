import type { z } from "zod";
import { plainError, type ValidationIssue, validationError } from "./api-error.ts";

/** Pydantic's `type` for the commonest zod issues; the rest is `value_error`, as for custom validators. */
const TYPES: Readonly<Record<string, string>> = {
  too_small: "greater_than_equal",
  too_big: "less_than_equal",
  invalid_value: "literal_error",
  unrecognized_keys: "extra_forbidden",
};

/**
 * Checks a part of a request the way FastAPI does.
 *
 * @param part - where the value stands: `body`, `query`, `path` or `header`
 * @throws ApiError 422 with FastAPI's array of issues
 */
function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  part: "body" | "query" | "path" | "header",
): z.output<Schema> {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw validationError(parsed.error.issues.map((issue) => describeIssue(issue, part)));
}

/**
 * Reads a JSON body.
 *
 * @throws ApiError 422 for a body that is no JSON or breaks the schema; 400 when it is not JSON by its type
 */
export function parseJsonBody<Schema extends z.ZodType>(schema: Schema, body: Uint8Array): z.output<Schema> {
  return validate(schema, body.length === 0 ? undefined : decodeJson(body), "body");
}

/** Like {@link parseJsonBody}, for an optional body: an absent one is an empty object. */
export function parseOptionalJsonBody<Schema extends z.ZodType>(
  schema: Schema,
  body: Uint8Array,
): z.output<Schema> {
  const value = body.length === 0 ? null : decodeJson(body);
  return validate(schema, value ?? {}, "body");
}

/**
 * Reads a query; a name given once is a string, several times an array.
 *
 * @throws ApiError 422
 */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, url: string): z.output<Schema> {
  const query = new URL(url).searchParams;
  const names = [...new Set(query.keys())];
  const values = names.map((name) => {
    const all = query.getAll(name);
    return [name.replace(/\[\]$/, ""), all.length > 1 ? all : all[0]];
  });
  return validate(schema, Object.fromEntries(values), "query");
}

/** @throws ApiError 422, or 400 for text that is not UTF-8 */
function decodeJson(body: Uint8Array): unknown {
  const text = decodeText(body);
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    throw validationError([{ loc: ["body", 0], msg: "JSON decode error", type: "json_invalid", input: {} }]);
  }
}

/**
 * Reads UTF-8.
 *
 * @throws ApiError 400
 */
export function decodeText(body: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw plainError(400, "There was an error parsing the body");
  }
}

function describeIssue(issue: z.core.$ZodIssue, part: string): ValidationIssue {
  const loc = [part, ...issue.path.map((step) => (typeof step === "number" ? step : String(step)))];
  const missing = issue.code === "invalid_type" && issue.input === undefined;
  if (missing) return { loc, msg: "Field required", type: "missing" };
  const type =
    issue.code === "invalid_type" ? `${issue.expected}_type` : (TYPES[issue.code] ?? "value_error");
  return { loc, msg: issue.message, type, input: issue.input ?? null };
}
