import { type DocumentNode, type GraphQLSchema, Kind, type OperationDefinitionNode } from "graphql";
import type { TrustedDocuments } from "../documents/manifest.ts";

/** Name of an operation in metrics and traces. Clients cannot choose it freely. */
export type OperationLabel = { readonly type: string; readonly operation: string };

/** Label of a request that selects no operation. */
export const NO_OPERATION: OperationLabel = { type: "none", operation: "none" };

/**
 * Name an operation: a trusted document by its own name, any other operation by its only root field. The
 * number of names is limited by the number of trusted documents and root fields.
 */
export function labelOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  documents: TrustedDocuments | null,
): OperationLabel {
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
