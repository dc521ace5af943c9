import { type ErrorCode, errorCatalog } from "../../error-catalog.ts";
import { errorMessages } from "../../error-messages.ts";
import { type FieldProblem, GatewayError, type UpstreamFailure } from "../../errors.ts";
import { MAX_UPSTREAM_DETAILS } from "../../limits.ts";
import { USER_AGENT } from "../transport/wire-request.ts";
import { chooseCode, isEdgeRefusal, isMissingEndpoint, isPublishedForm } from "./choose-code.ts";
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

/** Shortest wait for the lock when the REST API names none, in milliseconds: one step of a restart. */
const BUSY_RETRY_MS = 3_000;

/** Keep only the texts that are passed on. */
function limitTexts(body: ErrorBody): ErrorBody {
  const limit = <T>(list: readonly T[]) => list.slice(0, MAX_UPSTREAM_DETAILS);
  const ofFields = body.details.filter(({ loc }) => loc.length > 0);
  const general = body.details.filter(({ loc, message }) => loc.length === 0 && message);
  return {
    ...body,
    details: [...limit(ofFields), ...limit(general)],
    suggestions: limit(body.suggestions),
    links: limit(body.links),
  };
}

/** Prepare the redaction of all texts of a body in one pass. */
function redactTogether(
  { redact, requestId, effect, inputPaths }: ErrorReply,
  { errorCode, message, requestId: bodyId, details, suggestions, links }: ErrorBody,
): Redact {
  const ofDetails = details.flatMap(({ loc, message }) => [toInputPath(loc, effect, inputPaths), message]);
  const ofLinks = links.flatMap(({ url, label }) => [url, label]);
  const texts = [errorCode, message, bodyId ?? requestId, ...ofDetails, ...suggestions, ...ofLinks];
  return Object.assign(redact.together(texts.filter((text) => text !== null)), { together: redact.together });
}

function listFields(body: ErrorBody, { effect, inputPaths, redact }: ErrorReply): FieldProblem[] {
  return body.details
    .filter(({ loc }) => loc.length > 0)
    .map(({ loc, message }) => {
      const text = message ?? body.message;
      return {
        path: redact(toInputPath(loc, effect, inputPaths)),
        message: text === null ? "Is not valid." : redact(text),
      };
    });
}

/** Why something other than the code explains an error, and what to do about it. */
type Explanation = { readonly message: string; readonly nextSteps: readonly string[] };

const { endpointMissing, refusedByEdge } = errorMessages;
const missingEndpoint: Explanation = {
  message: endpointMissing,
  nextSteps: [
    "Ask the operator of the gateway to check UPSTREAM_URL. It is the base URL of the REST API with its version, for example https://cloud-api.phala.com/api/v1.",
  ],
};
const edgeRefusal: Explanation = {
  message: refusedByEdge,
  nextSteps: [
    "Send a read again later. After a write, read the CVM first.",
    `Ask the operator of the gateway to check that the proxy or firewall in front of the REST API accepts the gateway's address and its User-Agent, ${USER_AGENT}.`,
  ],
};

function explain({ status }: ErrorReply, body: ErrorBody, code: ErrorCode): Explanation | null {
  if (code === "UPSTREAM_REFUSED" && isMissingEndpoint(status, body)) return missingEndpoint;
  return isEdgeRefusal(status, body) ? edgeRefusal : null;
}

/**
 * Remove the texts of a server error. They are written for the operator of the REST API, and can hold parts of
 * its code, its data or the request. The error code and the request id identify the error. A code in another form
 * than the published ones can be such a text.
 */
function withoutInternalTexts(body: ErrorBody, status: number): ErrorBody {
  if (status < 500) return body;
  const keepWord = (text: string | null) => (text !== null && /^[\w.:-]{1,128}$/.test(text) ? text : null);
  return {
    ...body,
    errorCode: isPublishedForm(body.errorCode) ? body.errorCode : null,
    requestId: keepWord(body.requestId),
    message: null,
    details: [],
    suggestions: [],
    links: [],
  };
}

/** List the messages that belong to no field. */
function listGeneralMessages({ details }: ErrorBody, redact: Redact): string[] {
  return details.flatMap(({ loc, message }) => (loc.length === 0 && message ? [redact(message)] : []));
}

/** Return what an error reports about a reply. */
export function toUpstreamFailure(
  { status, requestId: headerId, redact }: Pick<ErrorReply, "status" | "requestId" | "redact">,
  body: ErrorBody,
  code: ErrorCode,
): UpstreamFailure {
  const requestId = body.requestId ?? headerId;
  const suggestions = body.suggestions.slice(0, MAX_UPSTREAM_DETAILS).map((text) => redact(text));
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

/** Whether a write may have been applied: its answer comes from a server that failed, or not from the REST API. */
function isUncertain(status: number, code: ErrorCode): boolean {
  return status >= 500 || code === "UPSTREAM_UNAVAILABLE";
}

/** Create the error for a reply with a status that the call does not accept. */
export function toHttpError(given: ErrorReply): GatewayError {
  const parsed = parseErrorBody(given.body);
  const code = chooseCode(given, parsed);
  const body = limitTexts(withoutInternalTexts(parsed, given.status));
  const reply = { ...given, redact: redactTogether(given, body) };
  const explanation = explain(reply, parsed, code);
  const upstream = toUpstreamFailure(reply, body, code);
  const fields = code === "BAD_USER_INPUT" ? listFields(body, reply) : [];
  const details = [
    ...fields.map(({ path, message }) => `${path}: ${message}`),
    ...listGeneralMessages(body, reply.redact),
  ];
  const message =
    explanation?.message ??
    (code === "UNAUTHENTICATED" && reply.credentialAdvice !== null
      ? `${errorCatalog[code].message} ${reply.credentialAdvice}`
      : (upstream.message ?? (details.join(" ") || errorCatalog[code].message)));
  const retryAfterMs = reply.retryAfterMs ?? (code === "OPERATION_IN_PROGRESS" ? BUSY_RETRY_MS : null);
  return new GatewayError(code, message, {
    upstream: explanation === null ? upstream : { ...upstream, suggestions: explanation.nextSteps },
    ...(fields.length > 0 ? { fields } : {}),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...(reply.effect === "write" && isUncertain(reply.status, code) ? { retryable: false } : {}),
  });
}
