import type { GraphQLError } from "graphql";
import type { Plugin } from "graphql-yoga";
import { createProtocolError } from "../errors/protocol-error.ts";
import type { TrustedDocuments } from "./manifest.ts";

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
function findDocumentId(request: Request, params: unknown): string | null {
  const search = request.method === "GET" ? new URL(request.url, "http://localhost").searchParams : null;
  const candidates = [
    getProperty(params, "documentId"),
    getProperty(params, "doc_id"),
    search?.get("documentId"),
    search?.get("doc_id"),
    getProperty(getProperty(getProperty(params, "extensions"), "persistedQuery"), "sha256Hash"),
  ];
  return candidates.find((id): id is string => typeof id === "string" && id !== "") ?? null;
}

/**
 * Replace the id of a trusted document with its text. With `only`, a request without a known id is rejected.
 * Otherwise, an unknown id together with a query text is accepted, because Apollo's clients register documents
 * in this way.
 */
export function useTrustedDocuments(documents: TrustedDocuments | null, only: boolean): Plugin {
  return {
    onParams({ request, params, setParams }) {
      if (typeof params !== "object" || params === null) return;
      const id = documents === null ? null : findDocumentId(request, params);
      const text = id === null ? null : (documents?.find(id) ?? null);
      if (text !== null) {
        setParams({ ...params, query: text });
      } else if (id !== null && (only || !params.query)) {
        throw createDocumentError("PERSISTED_DOCUMENT_NOT_FOUND", "No trusted document has this id.");
      } else if (only) {
        throw createDocumentError(
          "PERSISTED_DOCUMENT_REQUIRED",
          "The gateway runs trusted documents only. Send a documentId instead of a query.",
        );
      }
    },
  };
}
