import { z } from "zod";
import { MAX_ERROR_BODY_CHARACTERS } from "../../limits.ts";
import { wireDefault, wireList, wireOptional } from "../transport/wire-tolerance.ts";

/** An empty code becomes null. */
const structuredBody = z.object({
  error_code: wireOptional(z.string()).transform((code) => code || null),
  message: wireOptional(z.string()),
  details: wireDefault(
    wireList(z.object({ field: wireOptional(z.string()), message: wireOptional(z.string()) })),
    [],
  ),
  suggestions: wireDefault(wireList(z.string()), []),
  links: wireDefault(wireList(z.object({ url: z.string(), label: z.string() })), []),
  request_id: wireOptional(z.string()),
});

const validationIssues = z.array(
  z
    .object({
      loc: wireOptional(z.array(z.union([z.string(), z.number()]))),
      msg: wireOptional(z.string()),
    })
    .catch({ loc: null, msg: null })
    .transform(({ loc, msg }) => ({ loc: loc ?? [], message: msg })),
);

/** Detail of an error body about one part of the request. `loc` is its path, from the outside in. */
type ErrorDetail = {
  readonly loc: readonly (string | number)[];
  readonly message: string | null;
};

/** Error body of the REST API, from any of its eight shapes. */
export type ErrorBody = {
  readonly errorCode: string | null;
  readonly message: string | null;
  readonly requestId: string | null;
  readonly details: readonly ErrorDetail[];
  readonly suggestions: readonly string[];
  readonly links: readonly { readonly url: string; readonly label: string }[];
  /** False for an empty body, HTML, or JSON without a member of an error body. A proxy may have sent it. */
  readonly structured: boolean;
};

const emptyBody: ErrorBody = {
  errorCode: null,
  message: null,
  requestId: null,
  details: [],
  suggestions: [],
  links: [],
  structured: false,
};

/** Parse an error body. One that is longer than any honest one is not parsed, because that takes long. */
function parseJson(text: string): unknown {
  if (text.length > MAX_ERROR_BODY_CHARACTERS) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Parse any error body of the REST API. Never throws. */
export function parseErrorBody(text: string): ErrorBody {
  const json = parseJson(text);
  if (typeof json !== "object" || json === null) return emptyBody;
  const detail = "detail" in json ? json.detail : undefined;
  if (typeof detail === "string") return { ...emptyBody, message: detail, structured: true };

  const issues = validationIssues.safeParse(detail);
  if (issues.success) return { ...emptyBody, details: issues.data, structured: true };

  const body = structuredBody.safeParse(typeof detail === "object" && detail !== null ? detail : json);
  if (!body.success) return emptyBody;
  return {
    errorCode: body.data.error_code,
    message: body.data.message,
    requestId: body.data.request_id,
    details: body.data.details.map(({ field, message }) => ({ loc: field === null ? [] : [field], message })),
    suggestions: body.data.suggestions,
    links: body.data.links,
    structured: detail !== undefined || body.data.error_code !== null || body.data.message !== null,
  };
}
