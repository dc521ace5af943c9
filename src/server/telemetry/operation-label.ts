import { type DocumentNode, type GraphQLSchema, Kind } from "graphql";
import { findOperation } from "../documents/find-operation.ts";
import type { TrustedDocuments } from "../documents/manifest.ts";

/** Name of an operation in metrics and traces. Clients cannot choose it freely. */
export type OperationLabel = { readonly type: string; readonly operation: string };

/**
 * Name an operation: a trusted document by its own name, any other operation by its only root field. The
 * number of names is limited by the number of trusted documents and root fields.
 */
export function labelOperation(
  schema: GraphQLSchema,
  document: DocumentNode | undefined,
  operationName: unknown,
  documents: TrustedDocuments | null,
): OperationLabel {
  const operation = document && findOperation(document, operationName);
  if (!document || !operation) return { type: "none", operation: "none" };
  const type = operation.operation;
  const trusted = documents?.has(document.loc?.source.body ?? "") ?? false;
  if (trusted && operation.name !== undefined) return { type, operation: operation.name.value };
  const names = new Set(
    operation.selectionSet.selections.map((node) => (node.kind === Kind.FIELD ? node.name.value : "")),
  );
  const [field = ""] = names;
  const known = names.size === 1 && schema.getRootType(type)?.getFields()[field] !== undefined;
  return { type, operation: known ? field : "other" };
}
