import { possibleTypes as generated } from "./generated/type-lists.ts";

/* Entry point `@cvm-gateway/client/possible-types`. */

/**
 * Concrete types of each interface and union of the schema, for `InMemoryCache` of Apollo Client and other caches.
 *
 * @example
 * ```ts
 * import { possibleTypes } from "@cvm-gateway/client/possible-types";
 * const cache = new InMemoryCache({ possibleTypes });
 * ```
 */
export const possibleTypes: Record<string, string[]> = copy(generated);

function copy(lists: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(lists).map(([name, types]) => [name, [...types]]));
}
