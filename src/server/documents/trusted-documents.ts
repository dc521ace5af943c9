import type { GraphQLError } from "graphql";
import { createProtocolError } from "../errors/protocol-error.ts";
import type { TrustedDocuments } from "./manifest.ts";
import type { TextFinder } from "./operation-params.ts";

function createDocumentError(
  code: "PERSISTED_DOCUMENT_NOT_FOUND" | "PERSISTED_DOCUMENT_REQUIRED",
  message: string,
): GraphQLError {
  return createProtocolError(code, message, { spec: true, status: 400 });
}

function getProperty(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

/**
 * Return the id of a trusted document, or null: `documentId`, Relay's `doc_id`, or
 * `extensions.persistedQuery.sha256Hash` of Apollo.
 */
function findDocumentId(params: object): string | null {
  const candidates = [
    getProperty(params, "documentId"),
    getProperty(params, "doc_id"),
    getProperty(getProperty(getProperty(params, "extensions"), "persistedQuery"), "sha256Hash"),
  ];
  return candidates.find((id): id is string => typeof id === "string" && id !== "") ?? null;
}

/**
 * Create the function that finds the text of the trusted document that a request names by its id. With `only`, a
 * request without a known id is rejected. Otherwise, an unknown id together with a query text is accepted, because
 * Apollo's clients register documents in this way.
 */
export function createTextFinder(documents: TrustedDocuments | null, only: boolean): TextFinder {
  if (documents === null) return () => null;
  return (params) => {
    const id = findDocumentId(params);
    const text = id === null ? null : documents.find(id);
    if (text !== null) return text;
    if (id !== null && (only || !getProperty(params, "query"))) {
      throw createDocumentError("PERSISTED_DOCUMENT_NOT_FOUND", "No trusted document has this id.");
    }
    if (!only) return null;
    throw createDocumentError(
      "PERSISTED_DOCUMENT_REQUIRED",
      "The gateway runs trusted documents only. Send a documentId instead of a query.",
    );
  };
}
