import { GraphQLError } from "graphql";
import { type ErrorCode, errorCatalog, protocolErrorCatalog } from "../../error-catalog.ts";
import { GatewayError } from "../../errors.ts";
import { MAX_BODY_BYTES } from "../../limits.ts";
import { withoutTokenText } from "./validation-messages.ts";

/** Codes of Yoga's own that have another name in the catalogue. */
const renamedCodes: Readonly<Record<string, ErrorCode>> = { REQUEST_ENTITY_TOO_LARGE: "PAYLOAD_TOO_LARGE" };

/** What is said instead of Yoga's own message of a code. */
const rewordedCodes: Readonly<Record<string, string>> = {
  REQUEST_ENTITY_TOO_LARGE: `The request body exceeds the limit of ${MAX_BODY_BYTES} bytes.`,
};

function findGatewayError(error: unknown): GatewayError | undefined {
  if (error instanceof GatewayError) return error;
  return error instanceof GraphQLError ? findGatewayError(error.originalError) : undefined;
}

function toGatewayExtensions(error: GatewayError, requestId: string): Record<string, unknown> {
  const { code, retryable, retryAfterMs, upstream, fields, currentVersion, correlationId } = error;
  const given = {
    retryAfterMs: retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs),
    upstream,
    fields,
    currentVersion,
    correlationId,
  };
  return {
    code,
    retryable,
    requestId,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
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

function chooseProtocolCode({ message, extensions }: GraphQLError): string {
  const given = extensions["code"];
  if (typeof given !== "string") {
    return message.startsWith("Syntax Error") ? "GRAPHQL_PARSE_FAILED" : "GRAPHQL_VALIDATION_FAILED";
  }
  return renamedCodes[given] ?? (given in protocolErrorCatalog ? given : "BAD_REQUEST");
}

function readHttp({ extensions }: GraphQLError, code: string): object {
  const http: unknown = extensions["http"];
  if (typeof http !== "object" || http === null) return {};
  // Without well-formed parameters there is no GraphQL answer yet, so the status is 400 whatever is accepted.
  return { http: code === "BAD_REQUEST" ? { ...http, spec: false } : http };
}

function toProtocolError(error: GraphQLError, requestId: string): GraphQLError {
  const code = chooseProtocolCode(error);
  return new GraphQLError(
    rewordedCodes[String(error.extensions["code"])] ?? withoutTokenText(error.message),
    {
      ...position(error),
      extensions: { code, retryable: false, requestId, ...readHttp(error, code) },
    },
  );
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
    const http = error instanceof GraphQLError ? readHttp(error, gatewayError.code) : {};
    return new GraphQLError(gatewayError.message, {
      ...position(error),
      extensions: {
        ...toGatewayExtensions(gatewayError, requestId),
        ...http,
      },
    });
  }
  if (isProtocolError(error)) return toProtocolError(error, requestId);
  onUnexpected(error instanceof GraphQLError ? (error.originalError ?? error) : error);
  return new GraphQLError(errorCatalog.INTERNAL_SERVER_ERROR.message, {
    ...position(error),
    extensions: { code: "INTERNAL_SERVER_ERROR", retryable: false, requestId },
  });
}
