/**
 * Document that knows the types of its result and variables. `TypedDocumentNode` of
 * `@graphql-typed-document-node/core`, the documents of gql.tada and those of the client preset of GraphQL Code
 * Generator, in both of its document modes, are such documents.
 *
 * @example
 * ```ts
 * const document: TypedDocument<{ cvm: { name: string } | null }, { id: string }> = ReadNameDocument;
 * const { cvm } = await client.query(document, { id: "web" });
 * ```
 */
export type TypedDocument<Data, Variables> = {
  /** Exists in types only. */
  __apiType?: ((variables: Variables) => Data) | undefined;
};

/**
 * GraphQL document as text that knows the types of its result and variables. At run time it is a string, so every
 * GraphQL client accepts it that accepts documents as text.
 *
 * @example
 * ```ts
 * const document: TypedDocumentString<ReadCvmData, ReadCvmVariables> = ReadCvmDocument;
 * ```
 */
export type TypedDocumentString<Data, Variables> = string & TypedDocument<Data, Variables>;

/** Give a document its types. They exist in TypeScript only, so this is the one assertion. */
export function typeDocument<Data, Variables>(text: string): TypedDocumentString<Data, Variables> {
  return text as TypedDocumentString<Data, Variables>;
}
