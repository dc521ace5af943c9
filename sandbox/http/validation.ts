import type { z } from "zod";
import { plainError, type ValidationIssue, validationError } from "./api-error.ts";

/** Pydantic's `type` of the common zod issues. Others are `value_error`, as for custom validators. */
const TYPES: Readonly<Record<string, string>> = {
  too_small: "greater_than_equal",
  too_big: "less_than_equal",
  invalid_value: "literal_error",
  unrecognized_keys: "extra_forbidden",
};

/**
 * Validate a part of a request as FastAPI does.
 *
 * @param part - the location of the value
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
 * Parse a JSON body.
 *
 * @throws ApiError 422 for a body that is not JSON or does not match the schema; 400 for text that is not UTF-8
 */
export function parseJsonBody<Schema extends z.ZodType>(schema: Schema, body: Uint8Array): z.output<Schema> {
  return validate(schema, body.length === 0 ? undefined : decodeJson(body), "body");
}

/** Parse an optional JSON body, as {@link parseJsonBody} does. Without a body, parse an empty object. */
export function parseOptionalJsonBody<Schema extends z.ZodType>(
  schema: Schema,
  body: Uint8Array,
): z.output<Schema> {
  const value = body.length === 0 ? null : decodeJson(body);
  return validate(schema, value ?? {}, "body");
}

/**
 * Parse a query. A repeated name gives an array.
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

/** @throws ApiError 422 for text that is not JSON; 400 for text that is not UTF-8 */
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
 * Decode UTF-8.
 *
 * @throws ApiError 400 for text that is not UTF-8
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
