import { GraphQLError } from "graphql";
import { GatewayError } from "../../errors.ts";
import { protocolErrorCatalog } from "./protocol-error-catalog.ts";

/** Return the {@link GatewayError} that an error is or wraps. */
export function findGatewayError(error: unknown): GatewayError | null {
  if (error instanceof GatewayError) return error;
  return error instanceof GraphQLError ? findGatewayError(error.originalError) : null;
}

/** Whether GraphQL over HTTP itself raised the error, before a resolver ran. */
export function isProtocolError(error: unknown): error is GraphQLError {
  return error instanceof GraphQLError && error.path === undefined && error.originalError === undefined;
}

function chooseProtocolCode({ message, extensions }: GraphQLError): string {
  const given = extensions["code"];
  if (typeof given !== "string") {
    return message.startsWith("Syntax Error") ? "GRAPHQL_PARSE_FAILED" : "GRAPHQL_VALIDATION_FAILED";
  }
  return given in protocolErrorCatalog ? given : "BAD_REQUEST";
}

/** Return the code that a client sees for an error. Anything unexpected is `INTERNAL_SERVER_ERROR`. */
export function codeOf(error: unknown): string {
  const gatewayError = findGatewayError(error);
  if (gatewayError !== null) return gatewayError.code;
  return isProtocolError(error) ? chooseProtocolCode(error) : "INTERNAL_SERVER_ERROR";
}
