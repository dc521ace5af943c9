import { type DocumentNode, GraphQLError } from "graphql";
import { LRUCache } from "lru-cache";
import { documentCacheLimits } from "../../limits.ts";
import type { DocumentReader } from "./document-limits.ts";

/** A document that was read: parsed, and validated when its errors are first asked for. */
export type ReadDocument = {
  readonly document: DocumentNode;
  /** Errors of the validation. Empty when the document is valid. */
  readonly errors: readonly GraphQLError[];
};

/**
 * Create a function that reads documents and remembers the latest. A long document may contain an input, so it is
 * not kept. A document that cannot be parsed is remembered as well.
 */
export function createDocumentCache({ parse, validate }: DocumentReader): (text: string) => ReadDocument {
  const known = new LRUCache<string, ReadDocument | GraphQLError>({
    maxSize: documentCacheLimits.total,
    maxEntrySize: documentCacheLimits.perDocument,
    sizeCalculation: (_value, text) => text.length + 1,
  });

  function read(text: string): ReadDocument {
    const document = parse(text);
    let errors: readonly GraphQLError[] | undefined;
    return {
      document,
      get errors() {
        errors ??= validate(document);
        return errors;
      },
    };
  }

  return (text) => {
    const found = known.get(text);
    if (found instanceof GraphQLError) throw found;
    if (found !== undefined) return found;
    try {
      const document = read(text);
      known.set(text, document);
      return document;
    } catch (error) {
      if (error instanceof GraphQLError) known.set(text, error);
      throw error;
    }
  };
}
