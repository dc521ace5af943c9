import { GraphQLError } from "graphql";
import { type ErrorCode, GatewayError, protocolErrorCatalog } from "../errors.ts";
import { BODY_TOO_LARGE } from "./body-limit.ts";
import { withoutTokenText } from "./value-free-messages.ts";

/** Codes of Yoga's own that have another name in the catalogue. */
const renamedCodes: Readonly<Record<string, ErrorCode>> = { REQUEST_ENTITY_TOO_LARGE: "PAYLOAD_TOO_LARGE" };

/** What is said instead of Yoga's own message of a code. */
const rewordedCodes: Readonly<Record<string, string>> = { REQUEST_ENTITY_TOO_LARGE: BODY_TOO_LARGE };

function findGatewayError(error: unknown): GatewayError | undefined {
  if (error instanceof GatewayError) return error;
  return error instanceof GraphQLError ? findGatewayError(error.originalError) : undefined;
}

function toGatewayExtensions(error: GatewayError, requestId: string): Record<string, unknown> {
  return {
    code: error.code,
    retryable: error.retryable,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: Math.ceil(error.retryAfterMs) }),
    requestId,
    ...(error.upstream === undefined ? {} : { upstream: error.upstream }),
    ...(error.fields === undefined ? {} : { fields: error.fields }),
  };
}

function position(error: unknown) {
  if (!(error instanceof GraphQLError)) return {};
  return {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    path: error.path ?? null,
  };
}

/** An error that GraphQL over HTTP itself raises, before a resolver runs; it holds no secret of ours. */
function isProtocolError(error: unknown): error is GraphQLError {
  return error instanceof GraphQLError && error.path === undefined && error.originalError === undefined;
}

function toProtocolError(error: GraphQLError, requestId: string): GraphQLError {
  const { code: given, http } = error.extensions;
  const parsed = error.message.startsWith("Syntax Error")
    ? "GRAPHQL_PARSE_FAILED"
    : "GRAPHQL_VALIDATION_FAILED";
  const code = typeof given === "string" ? (renamedCodes[given] ?? given) : parsed;
  const known = code in protocolErrorCatalog || code in renamedCodes;
  return new GraphQLError(rewordedCodes[String(given)] ?? withoutTokenText(error.message), {
    ...position(error),
    extensions: {
      code: known || Object.values(renamedCodes).some((renamed) => renamed === code) ? code : "BAD_REQUEST",
      retryable: false,
      requestId,
      ...(http === undefined ? {} : { http }),
    },
  });
}

/**
 * The one way out for errors: a {@link GatewayError} keeps its code and message, an error of the protocol
 * keeps its own, and everything else becomes "Unexpected error." with nothing but the request id.
 *
 * @param onUnexpected hears of what was hidden.
 */
export function maskError(
  error: unknown,
  requestId: string,
  onUnexpected: (error: unknown) => void,
): GraphQLError {
  const gatewayError = findGatewayError(error);
  if (gatewayError !== undefined) {
    const http = error instanceof GraphQLError ? error.extensions["http"] : undefined;
    return new GraphQLError(gatewayError.message, {
      ...position(error),
      extensions: {
        ...toGatewayExtensions(gatewayError, requestId),
        ...(http === undefined ? {} : { http }),
      },
    });
  }
  if (isProtocolError(error)) return toProtocolError(error, requestId);
  onUnexpected(error instanceof GraphQLError ? (error.originalError ?? error) : error);
  return new GraphQLError("Unexpected error.", {
    ...position(error),
    extensions: { code: "INTERNAL_SERVER_ERROR", retryable: false, requestId },
  });
}
