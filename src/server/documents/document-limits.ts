import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  validate,
} from "graphql";
import { documentLimits, MAX_VALIDATION_ERRORS } from "../../limits.ts";
import { createValidationError } from "../errors/protocol-error.ts";
import { valueFreeRules, withoutSuggestion } from "../errors/validation-messages.ts";
import { exceedsComparisons } from "./count-comparisons.ts";
import { type DocumentSize, measureDocument } from "./measure-document.ts";

/**
 * Parse a document.
 *
 * @throws an error that names the limit when the document has too many tokens, or is nested so deep that the
 * recursive parser exceeds its stack
 */
export function parseWithinLimits(text: string): DocumentNode {
  try {
    return parse(text, { maxTokens: documentLimits.tokens });
  } catch (error) {
    if (error instanceof RangeError) {
      throw createValidationError("The document has too many nested brackets or braces.");
    }
    const tooLong = error instanceof GraphQLError && error.message.includes("Document contains more tha");
    throw tooLong
      ? createValidationError(`The document exceeds the limit of ${documentLimits.tokens} tokens.`)
      : error;
  }
}

function describeExcess(size: DocumentSize): string | null {
  const { depth, aliases, directives, directivesPerPlace } = documentLimits;
  if (size.depth > depth) return `is ${size.depth} fields deep; the limit is ${depth}`;
  if (size.aliases > aliases) {
    return `has ${size.aliases} aliases and repeated fields; the limit is ${aliases}`;
  }
  if (size.directives > directives) return `has ${size.directives} directives; the limit is ${directives}`;
  return size.directivesPerPlace > directivesPerPlace
    ? `has ${size.directivesPerPlace} directives in one place; the limit is ${directivesPerPlace}`
    : null;
}

/** Return the error for the first limit that a document exceeds, or null. */
function findExcess(document: DocumentNode): GraphQLError | null {
  for (const size of measureDocument(document)) {
    const excess = describeExcess(size);
    if (excess !== null) return createValidationError(`The document ${excess}.`);
  }
  return exceedsComparisons(document, documentLimits.comparisons)
    ? createValidationError(
        `The document exceeds the limit of ${documentLimits.comparisons} comparisons of overlapping fields. Select each field in fewer fragments.`,
      )
    : null;
}

/** Assert that the text of a document is not too long. @throws {GraphQLError} that names the limit */
function assertLength(text: string, isTrusted: (text: string) => boolean): void {
  if (text.length <= documentLimits.characters || isTrusted(text)) return;
  throw createValidationError(
    `The document exceeds the limit of ${documentLimits.characters} characters. Send long values as variables.`,
  );
}

/** How documents are read. */
export type DocumentOptions = {
  readonly introspection: boolean;
  readonly suggestNames: boolean;
  /** Whether a text is a trusted document, which can be longer. */
  readonly isTrusted: (text: string) => boolean;
};

/** Reads documents within their limits. */
export type DocumentReader = {
  /** Parse a document. One that is too long is not parsed. @throws {GraphQLError} */
  parse(text: string): DocumentNode;
  /** Validate a document. One that exceeds a limit is not validated. @returns its errors, empty when it is valid */
  validate(document: DocumentNode): readonly GraphQLError[];
};

/** Give an error of GraphQL itself the status that GraphQL over HTTP asks for. */
function withStatus(error: GraphQLError): GraphQLError {
  error.extensions["http"] ??= { spec: true, status: 400 };
  return error;
}

/**
 * Create the reader of documents. Unless `introspection`, introspection is rejected. Unless `suggestNames`,
 * messages suggest no names of the schema.
 */
export function createDocumentReader(
  schema: GraphQLSchema,
  { introspection, suggestNames, isTrusted }: DocumentOptions,
): DocumentReader {
  const rules = introspection ? valueFreeRules : [...valueFreeRules, NoSchemaIntrospectionCustomRule];
  return {
    parse(text) {
      assertLength(text, isTrusted);
      try {
        return parseWithinLimits(text);
      } catch (error) {
        throw error instanceof GraphQLError ? withStatus(error) : error;
      }
    },
    validate(document) {
      const excess = findExcess(document);
      if (excess !== null) return [excess];
      const errors = validate(schema, document, rules, { maxErrors: MAX_VALIDATION_ERRORS });
      return (suggestNames ? errors : errors.map(withoutSuggestion)).map(withStatus);
    },
  };
}
