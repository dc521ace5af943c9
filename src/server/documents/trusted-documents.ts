import { GraphQLError } from "graphql";
import type { Plugin } from "graphql-yoga";
import type { PersistedDocuments } from "./manifest.ts";

function refuse(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { spec: true, status: 400 } } });
}

function readText(value: unknown, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const found: unknown = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
    if (typeof found === "string" && found !== "") return found;
  }
  return undefined;
}

function readObject(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

/** The id under any of its names: `documentId`, Relay's `doc_id`, Apollo's `extensions.persistedQuery`. */
function readId(request: Request, params: unknown): string | undefined {
  const search = request.method === "GET" ? new URL(request.url, "http://localhost").searchParams : null;
  return (
    readText(params, "documentId", "doc_id") ??
    (search?.get("documentId") || search?.get("doc_id") || undefined) ??
    readText(readObject(readObject(params, "extensions"), "persistedQuery"), "sha256Hash")
  );
}

/**
 * Puts the trusted document in the place of its id. With `only`, what has no id is refused; without, an
 * unknown id beside a query text is no error, since that is how Apollo's clients offer to register one.
 */
export function useTrustedDocuments(documents: PersistedDocuments | null, only: boolean): Plugin {
  return {
    onParams({ request, params, setParams }) {
      if (typeof params !== "object" || params === null) return;
      const id = documents === null ? undefined : readId(request, params);
      const text = id === undefined ? undefined : documents?.find(id);
      if (text !== undefined) {
        setParams({ ...params, query: text });
      } else if (id !== undefined && (only || !params.query)) {
        throw refuse("PERSISTED_DOCUMENT_NOT_FOUND", "There is no trusted document with this id.");
      } else if (only) {
        throw refuse(
          "PERSISTED_DOCUMENT_REQUIRED",
          "Only trusted documents are run here: send a documentId instead of a query.",
        );
      }
    },
  };
}
