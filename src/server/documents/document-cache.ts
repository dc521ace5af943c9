import { LRUCache } from "lru-cache";
import { documentCacheLimits } from "../../limits.ts";

/** Create a cache by document text. A long document may contain an input, so it is not kept. */
export function createDocumentCache<V extends object>(): LRUCache<string, V> {
  return new LRUCache({
    maxSize: documentCacheLimits.total,
    maxEntrySize: documentCacheLimits.perDocument,
    sizeCalculation: (_value, text) => text.length + 1,
  });
}
