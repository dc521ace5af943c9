import { type DocumentNode, Kind, type OperationDefinitionNode } from "graphql";
import { MAX_LISTED_OPERATIONS, MAX_LOGGED_NAME_CHARACTERS } from "../../limits.ts";
import { createProtocolError } from "../errors/protocol-error.ts";
import { findOperation } from "./find-operation.ts";

function quote(name: string): string {
  return `"${name.slice(0, MAX_LOGGED_NAME_CHARACTERS)}"`;
}

/** List the names of operations. A long list is cut. */
function formatNames(names: readonly string[]): string {
  const more = names.length - MAX_LISTED_OPERATIONS;
  const listed = names.slice(0, MAX_LISTED_OPERATIONS).map(quote).join(", ");
  return more > 0 ? `${listed} and ${more} more` : listed;
}

/** Describe why a document has no operation for a request. Quotes only what can be a name in GraphQL. */
function describeMissingOperation(document: DocumentNode, operationName: string | null): string {
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  if (operations.length === 0) return "The document has no operation.";
  const names = document.definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION && node.name !== undefined ? [node.name.value] : [],
  );
  if (operationName === null) {
    return `The document has several operations. Set operationName to one of them: ${formatNames(names)}.`;
  }
  const wanted = /^[_A-Za-z]\w*$/.test(operationName)
    ? `no operation named ${quote(operationName)}`
    : "no operation with the given operationName";
  return names.length === 0
    ? `The document has ${wanted}. Its operation has no name: leave operationName out.`
    : `The document has ${wanted}. It has ${formatNames(names)}.`;
}

/**
 * Return the operation that a request runs.
 *
 * @throws {GraphQLError} `OPERATION_RESOLUTION_FAILURE`, which lists the names in the document
 */
export function selectOperation(
  document: DocumentNode,
  operationName: string | null,
): OperationDefinitionNode {
  const operation = findOperation(document, operationName);
  if (operation !== null) return operation;
  const message = describeMissingOperation(document, operationName);
  throw createProtocolError("OPERATION_RESOLUTION_FAILURE", message, { status: 400 });
}
