import { embeddedTypes } from "./generated/type-lists.ts";

/* Entry point `@cvm-gateway/client/graphcache`. */

export { introspection } from "./generated/introspection.ts";
export type { Introspection, IntrospectionType, IntrospectionTypeRef } from "./introspection-type.ts";

/**
 * Keys for graphcache of urql: types without an id of their own are part of the object that has them.
 *
 * @example
 * ```ts
 * import { cacheExchange } from "@urql/exchange-graphcache";
 * import { introspection, keys } from "@cvm-gateway/client/graphcache";
 *
 * const cache = cacheExchange({ schema: introspection, keys });
 * ```
 */
export const keys: Record<string, () => null> = Object.fromEntries(
  embeddedTypes.map((name) => [name, () => null]),
);
