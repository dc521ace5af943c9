import { customScalars } from "./generated/type-lists.ts";

/* Entry point `@cvm-gateway/client/codegen`. */

/**
 * TypeScript types of the scalars of the schema as they are in JSON, for `config.scalars` of GraphQL Code Generator.
 *
 * @example
 * ```ts
 * import { scalars } from "@cvm-gateway/client/codegen";
 *
 * const config: CodegenConfig = {
 *   schema: "node_modules/@cvm-gateway/client/dist/schema.graphql",
 *   documents: "src/**\/*.ts",
 *   generates: { "src/gql/": { preset: "client", config: { scalars, documentMode: "string" } } },
 * };
 * ```
 */
export const scalars: Record<string, string> = { ...customScalars };
