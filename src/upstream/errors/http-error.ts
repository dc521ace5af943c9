import { type ErrorCode, errorCatalog } from "../../error-catalog.ts";
import { type FieldProblem, GatewayError, type UpstreamFailure } from "../../errors.ts";
import { MAX_UPSTREAM_DETAILS } from "../../limits.ts";
import { type ErrorBody, parseErrorBody } from "./error-body.ts";
import { toInputPath } from "./input-path.ts";
import type { Redact } from "./redact.ts";
import { chooseSuggestions } from "./suggestions.ts";

/** Reply with a status that the call does not accept. */
export type ErrorReply = {
  readonly status: number;
  readonly body: string;
  readonly requestId: string | null;
  readonly retryAfterMs: number | null;
  readonly effect: "read" | "write";
  /** Remove texts of the request, which must not be quoted, from a text. */
  readonly redact: Redact;
  readonly inputPaths: Readonly<Record<string, string>>;
  /** Statuses with a special meaning in this call. */
  readonly codes: Readonly<Record<number, ErrorCode>>;
  /** What a valid credential looks like, or null. Completes the message of a credential that is not accepted. */
  readonly credentialAdvice: string | null;
};

const codesByErrorCode: Readonly<Record<string, ErrorCode>> = {
  "ERR-03-001": "NOT_FOUND",
  "ERR-03-002": "AMBIGUOUS_CVM",
  "ERR-03-010": "AMBIGUOUS_CVM",
  "ERR-04-001": "INSUFFICIENT_BALANCE",
  "ERR-05-002": "RATE_LIMITED",
  ...Object.fromEntries(
    [1, 2, 3, 4, 5, 6, 7, 10, 12, 13, 14, 15].map((number): [string, ErrorCode] => [
      `ERR-02-${String(number).padStart(3, "0")}`,
      "RESOURCE_UNAVAILABLE",
    ]),
  ),
  "ERR-04-002": "RESOURCE_UNAVAILABLE",
  "ERR-04-003": "RESOURCE_UNAVAILABLE",
};

const codesByStatus: Readonly<Record<number, ErrorCode>> = {
  400: "BAD_USER_INPUT",
  401: "UNAUTHENTICATED",
  402: "INSUFFICIENT_BALANCE",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  413: "PAYLOAD_TOO_LARGE",
  422: "BAD_USER_INPUT",
  429: "RATE_LIMITED",
  466: "HASH_INVALID_OR_EXPIRED",
  467: "TRANSACTION_NOT_VERIFIED",
  468: "HASH_NOT_ALLOWED",
};

/** Shortest wait for the lock when the REST API names none, in milliseconds: one step of a restart. */
const BUSY_RETRY_MS = 3_000;

/** Statuses that take precedence over an `error_code`. */
const decisiveStatuses = new Set([401, 403, 413, 429, 466, 467, 468]);

/**
 * Choose the code by status, then by error code, never by message text. A 502 or 504 without a body of the
 * REST API comes from a proxy. For a write it does not show whether the write was applied.
 */
function chooseCode({ status, effect, codes }: ErrorReply, { errorCode, structured }: ErrorBody): ErrorCode {
  const known = errorCode === null ? undefined : codesByErrorCode[errorCode];
  if (known !== undefined && !decisiveStatuses.has(status)) return known;
  if (status === 409) return errorCode === null ? "OPERATION_IN_PROGRESS" : "CONFLICT";
  if (status >= 500) {
    const lostByProxy = (status === 502 || status === 504) && !structured;
    return effect === "write" && lostByProxy ? "OUTCOME_UNKNOWN" : "UPSTREAM_UNAVAILABLE";
  }
  // A 404 without a body of the REST API means that the base URL is wrong, not that a CVM is missing.
  if (status === 404 && !structured) return "UPSTREAM_REFUSED";
  return codes[status] ?? codesByStatus[status] ?? "UPSTREAM_REFUSED";
}

function listFields(body: ErrorBody, { effect, inputPaths, redact }: ErrorReply): FieldProblem[] {
  return body.details
    .filter(({ loc }) => loc.length > 0)
    .slice(0, MAX_UPSTREAM_DETAILS)
    .map(({ loc, message }) => ({
      path: redact(toInputPath(loc, effect, inputPaths)),
      message: redact(message ?? body.message ?? "Is not valid."),
    }));
}

/** List the messages that belong to no field. */
function listGeneralMessages({ details }: ErrorBody, redact: Redact): string[] {
  return details
    .flatMap(({ loc, message }) => (loc.length === 0 && message ? [redact(message)] : []))
    .slice(0, MAX_UPSTREAM_DETAILS);
}

/** Return what an error reports about a reply. */
export function toUpstreamFailure(
  { status, requestId: headerId, redact }: Pick<ErrorReply, "status" | "requestId" | "redact">,
  body: ErrorBody,
  code: ErrorCode,
): UpstreamFailure {
  const requestId = body.requestId ?? headerId;
  const suggestions = body.suggestions.slice(0, MAX_UPSTREAM_DETAILS).map(redact);
  const links = body.links.slice(0, MAX_UPSTREAM_DETAILS);
  return {
    status,
    ...(body.errorCode === null ? {} : { errorCode: redact(body.errorCode) }),
    ...(body.message === null ? {} : { message: redact(body.message) }),
    ...(requestId === null ? {} : { requestId: redact(requestId) }),
    suggestions: chooseSuggestions(code, suggestions),
    links: links.map(({ url, label }) => ({ url: redact(url), label: redact(label) })),
  };
}

/** Create the error for a reply with a status that the call does not accept. */
export function toHttpError(reply: ErrorReply): GatewayError {
  const body = parseErrorBody(reply.body);
  const code = chooseCode(reply, body);
  const upstream = toUpstreamFailure(reply, body, code);
  const fields = code === "BAD_USER_INPUT" ? listFields(body, reply) : [];
  const details = [
    ...fields.map(({ path, message }) => `${path}: ${message}`),
    ...listGeneralMessages(body, reply.redact),
  ];
  const message =
    code === "UNAUTHENTICATED" && reply.credentialAdvice !== null
      ? `${errorCatalog[code].message} ${reply.credentialAdvice}`
      : (upstream.message ?? (details.join(" ") || errorCatalog[code].message));
  const retryAfterMs = reply.retryAfterMs ?? (code === "OPERATION_IN_PROGRESS" ? BUSY_RETRY_MS : null);
  return new GatewayError(code, message, {
    upstream,
    ...(fields.length > 0 ? { fields } : {}),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...(reply.status >= 500 && reply.effect === "write" ? { retryable: false } : {}),
  });
}
