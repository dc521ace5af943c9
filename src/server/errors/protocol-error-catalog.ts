import type { ErrorFacts } from "../../error-catalog.ts";

/** Codes of GraphQL over HTTP, for requests that fail before a resolver runs. */
export const protocolErrorCatalog = {
  BAD_REQUEST: {
    retryable: false,
    cause: "The HTTP request is not a GraphQL request.",
    remedy: "POST JSON with a query to /graphql.",
  },
  GRAPHQL_PARSE_FAILED: {
    retryable: false,
    cause: "The document has a syntax error.",
    remedy: "Correct the syntax at the position in locations.",
  },
  GRAPHQL_VALIDATION_FAILED: {
    retryable: false,
    cause: "The document does not match the schema, or exceeds a limit.",
    remedy: "Compare the document with schema.graphql. The message names a limit that is exceeded.",
  },
  OPERATION_RESOLUTION_FAILURE: {
    retryable: false,
    cause: "operationName is missing, or the document has no operation with this name.",
    remedy: "Send the name of one operation.",
  },
  PERSISTED_DOCUMENT_NOT_FOUND: {
    retryable: false,
    cause: "No trusted document has the id in the request.",
    remedy: "Publish the manifest to the gateway and reload it (SIGHUP) before you release the client.",
  },
  PERSISTED_DOCUMENT_REQUIRED: {
    retryable: false,
    cause: "The gateway runs trusted documents only, and the request has no document id.",
    remedy: "Send a documentId of the manifest instead of a query.",
  },
} as const satisfies Record<string, ErrorFacts>;
