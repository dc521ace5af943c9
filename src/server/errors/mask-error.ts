import { GraphQLError } from "graphql";
import { errorCatalog } from "../../error-catalog.ts";
import type { GatewayError } from "../../errors.ts";
import { INPUT_PATH } from "./argument-path.ts";
import { codeOf, findGatewayError, isProtocolError } from "./error-code.ts";
import { withoutTokenText } from "./validation-messages.ts";

/** The facts of a gateway error that are known, without its code. */
function listDetails(error: GatewayError): Record<string, unknown> {
  const { retryAfterMs, upstream, fields, currentVersion, correlationId, composeHash, prerequisites } = error;
  const details = {
    retryAfterMs: retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs),
    upstream,
    fields,
    currentVersion,
    correlationId,
    composeHash,
    prerequisites,
  };
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined));
}

/** Where an error occurred: its place in the document and in the result. */
function locate(error: unknown) {
  if (!(error instanceof GraphQLError)) return {};
  return {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    path: error.path ?? null,
  };
}

/** The input field that a validation error is about, as in the errors of variables. */
function listInputFields({ extensions }: GraphQLError, message: string): object {
  const path = extensions[INPUT_PATH];
  return typeof path === "string" ? { fields: [{ path, message }] } : {};
}

/** Status and headers of the HTTP response, where the error sets them. */
function findHttp(error: unknown, code: string): object {
  const http: unknown = error instanceof GraphQLError ? error.extensions["http"] : undefined;
  if (typeof http !== "object" || http === null) return {};
  // A request without valid parameters has no GraphQL result, so the status is 400 for every `Accept`.
  return { http: code === "BAD_REQUEST" ? { ...http, spec: false } : http };
}

/**
 * Format an error for the client. A {@link GatewayError} keeps its code and message, and so does an error of
 * GraphQL over HTTP. Any other error becomes "Unexpected error." with the request id alone.
 *
 * @param onUnexpected is called with an error that is hidden from the client.
 */
export function maskError(
  error: unknown,
  requestId: string,
  onUnexpected: (error: unknown) => void,
): GraphQLError {
  const code = codeOf(error);
  const gatewayError = findGatewayError(error);
  const create = (message: string, retryable: boolean, extensions: object): GraphQLError =>
    new GraphQLError(message, {
      ...locate(error),
      extensions: { code, retryable, requestId, ...extensions },
    });
  if (gatewayError !== null) {
    const details = { ...listDetails(gatewayError), ...findHttp(error, code) };
    return create(gatewayError.message, gatewayError.retryable, details);
  }
  if (isProtocolError(error)) {
    const message = withoutTokenText(error.message);
    return create(message, false, { ...listInputFields(error, message), ...findHttp(error, code) });
  }
  onUnexpected(error instanceof GraphQLError ? (error.originalError ?? error) : error);
  return create(errorCatalog.INTERNAL_SERVER_ERROR.message, false, {});
}
