import type { ErrorCode } from "../../error-catalog.ts";
import type { ErrorBody } from "./error-body.ts";

/** What decides the code of an error. */
type Evidence = {
  readonly status: number;
  readonly effect: "read" | "write";
  /** Statuses with a special meaning in this call. */
  readonly codes: Readonly<Record<number, ErrorCode>>;
};

function listErrorCodes(module: string, numbers: readonly number[], code: ErrorCode): [string, ErrorCode][] {
  return numbers.map((number) => [`ERR-${module}-${String(number).padStart(3, "0")}`, code]);
}

/**
 * Codes by the `error_code` of the REST API. ERR-01-005 to ERR-01-008 are missing: their statuses, 465 to 468,
 * decide.
 */
const codesByErrorCode: Readonly<Record<string, ErrorCode>> = Object.fromEntries([
  ...listErrorCodes("01", [1], "RESOURCE_UNAVAILABLE"),
  ...listErrorCodes("01", [2, 3], "BAD_USER_INPUT"),
  ...listErrorCodes("01", [4], "CONFLICT"),
  ...listErrorCodes("02", [1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16], "RESOURCE_UNAVAILABLE"),
  ...listErrorCodes("02", [8, 9], "BAD_USER_INPUT"),
  ...listErrorCodes("03", [1, 3, 4, 5, 8], "NOT_FOUND"),
  ...listErrorCodes("03", [2, 10], "AMBIGUOUS_CVM"),
  ...listErrorCodes("03", [6], "RESOURCE_UNAVAILABLE"),
  ...listErrorCodes("03", [7], "CONFLICT"),
  ...listErrorCodes("03", [9], "BAD_USER_INPUT"),
  ...listErrorCodes("04", [1], "INSUFFICIENT_BALANCE"),
  ...listErrorCodes("04", [2, 3], "RESOURCE_UNAVAILABLE"),
  ...listErrorCodes("05", [1], "RESOURCE_UNAVAILABLE"),
  ...listErrorCodes("05", [2], "RATE_LIMITED"),
  ...listErrorCodes("06", [1, 6], "FORBIDDEN"),
]);

/** Whether an `error_code` has the form of the published ones, such as `ERR-02-006`. It then contains no text. */
export function isPublishedForm(errorCode: string | null): boolean {
  return errorCode !== null && /^ERR-\d{2}-\d{3}$/.test(errorCode);
}

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

/** Statuses that take precedence over an `error_code`. */
const decisiveStatuses = new Set([401, 403, 413, 429, 465, 466, 467, 468]);

/** Texts with which a web framework or a proxy says that no endpoint has this path. They say nothing of a CVM. */
const FRAMEWORK_TEXT = /^(?:not found|no route\b.*)\.?$/i;

/**
 * Whether a 404 says that the REST API has no such endpoint, and not that a CVM is missing: it has no body of
 * the REST API, or only the text of its framework.
 */
export function isMissingEndpoint(status: number, { errorCode, message, structured }: ErrorBody): boolean {
  if (status !== 404 || errorCode !== null) return false;
  return !structured || (message !== null && FRAMEWORK_TEXT.test(message.trim()));
}

/**
 * Whether a 403 comes from something in front of the REST API, such as a firewall: it has no body of the REST
 * API, so it says nothing about the credential.
 */
export function isEdgeRefusal(status: number, { structured }: ErrorBody): boolean {
  return status === 403 && !structured;
}

/** Choose the code of a 5xx. A 502 or 504 of a proxy does not show whether a write was applied. */
function chooseServerErrorCode(
  { status, effect }: Evidence,
  { structured }: ErrorBody,
  known: ErrorCode | undefined,
): ErrorCode {
  if (known === "RESOURCE_UNAVAILABLE") return known;
  const lostByProxy = (status === 502 || status === 504) && !structured;
  return effect === "write" && lostByProxy ? "OUTCOME_UNKNOWN" : "UPSTREAM_UNAVAILABLE";
}

/** Choose the code of an error by its status, then by its `error_code`, never by the wording of a message. */
export function chooseCode(evidence: Evidence, body: ErrorBody): ErrorCode {
  const { status, codes } = evidence;
  const { errorCode } = body;
  const known = errorCode === null ? undefined : codesByErrorCode[errorCode];
  if (status >= 500) return chooseServerErrorCode(evidence, body, known);
  if (known !== undefined && !decisiveStatuses.has(status)) return known;
  if (status === 409) return errorCode === null ? "OPERATION_IN_PROGRESS" : "CONFLICT";
  if (isMissingEndpoint(status, body)) return "UPSTREAM_REFUSED";
  if (isEdgeRefusal(status, body)) return "UPSTREAM_UNAVAILABLE";
  return codes[status] ?? codesByStatus[status] ?? "UPSTREAM_REFUSED";
}
