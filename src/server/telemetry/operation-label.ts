import { type DocumentNode, type GraphQLSchema, getOperationAST, Kind } from "graphql";
import type { PersistedDocuments } from "../documents/manifest.ts";

/** What an operation is called in metrics and traces: never by a word that its client could choose freely. */
export type OperationLabel = { readonly type: string; readonly operation: string };

/**
 * Names an operation: a trusted document by its own name, any other by its one root field. So there are no
 * more names than documents and root fields.
 */
export function labelOperation(
  schema: GraphQLSchema,
  document: DocumentNode | undefined,
  operationName: unknown,
  documents: PersistedDocuments | null,
): OperationLabel {
  const name = typeof operationName === "string" ? operationName : undefined;
  const operation = document && getOperationAST(document, name);
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
