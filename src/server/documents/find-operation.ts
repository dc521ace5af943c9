import { type DocumentNode, getOperationAST, type OperationDefinitionNode } from "graphql";

/**
 * Return the operation that a request runs. It is null when the document has no operation with this name, or has
 * several and no name is given.
 */
export function findOperation(
  document: DocumentNode,
  operationName: unknown,
): OperationDefinitionNode | null {
  return getOperationAST(document, typeof operationName === "string" ? operationName : null) ?? null;
}
