/* Entry point `@cvm-gateway/client/documents`: typed documents of the common operations, as text. */
export * from "./generated/reads-documents.ts";
export * from "./generated/streams-documents.ts";
export type * from "./generated/types.ts";
export * from "./generated/writes-documents.ts";
