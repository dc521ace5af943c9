import { customScalars } from "./generated/type-lists.ts";

/* Entry point `@cvm-gateway/client/relay`. */

/**
 * Types of the scalars of the schema, for `customScalarTypes` of relay-compiler.
 *
 * @example
 * ```js
 * // relay.config.js of a CommonJS package. relay-compiler reads no other configuration in JavaScript.
 * const { customScalarTypes } = require("@cvm-gateway/client/relay");
 * module.exports = {
 *   src: "./src",
 *   language: "typescript",
 *   artifactDirectory: "./src/__generated__",
 *   schema: "./node_modules/@cvm-gateway/client/dist/schema.graphql",
 *   customScalarTypes,
 * };
 * ```
 */
export const customScalarTypes: Record<string, string> = { ...customScalars };
