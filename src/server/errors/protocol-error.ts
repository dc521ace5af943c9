import { GraphQLError } from "graphql";
import type { GatewayError } from "../../errors.ts";
import { protocolErrorCatalog } from "./protocol-error-catalog.ts";

type ProtocolErrorCode = keyof typeof protocolErrorCatalog;

/**
 * Status and headers of the HTTP response. With `spec`, they apply only to clients that accept
 * `application/graphql-response+json`; other clients get status 200, as GraphQL over HTTP says.
 */
type HttpOptions = {
  readonly status: number;
  readonly spec?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Create an error of GraphQL over HTTP, which is raised before a resolver runs. */
export function createProtocolError(
  code: ProtocolErrorCode,
  message: string,
  http: HttpOptions,
): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http } });
}

/** Create the error of a document that is valid GraphQL but not acceptable. */
export function createValidationError(message: string): GraphQLError {
  return createProtocolError("GRAPHQL_VALIDATION_FAILED", message, { spec: true, status: 400 });
}

/** Wrap a {@link GatewayError} so that a GraphQL result can carry it. */
export function toGraphQLError(error: GatewayError, http?: HttpOptions): GraphQLError {
  const extensions = http === undefined ? {} : { http };
  return new GraphQLError(error.message, { originalError: error, extensions });
}

/** Return the JSON body of a `BAD_REQUEST` response to an HTTP request that is not a GraphQL request. */
export function formatBadRequest(message: string, requestId: string): string {
  const code: ProtocolErrorCode = "BAD_REQUEST";
  const { retryable } = protocolErrorCatalog[code];
  return JSON.stringify({ errors: [{ message, extensions: { code, retryable, requestId } }] });
}
