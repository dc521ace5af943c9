import {
  type DocumentNode,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  type ParseOptions,
  parse,
  type Source,
  validate,
} from "graphql";
import type { Plugin } from "graphql-yoga";
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
export function parseWithinLimits(source: string | Source, options?: ParseOptions): DocumentNode {
  try {
    return parse(source, { ...options, maxTokens: documentLimits.tokens });
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

type DocumentOptions = {
  readonly introspection: boolean;
  readonly suggestNames: boolean;
  /** Whether a text is a trusted document, which can be longer. */
  readonly isTrusted: (text: string) => boolean;
};

/**
 * Parse and validate documents within their limits. A document that is too long is not parsed, and one that
 * exceeds another limit is not validated. Unless `introspection`, introspection is rejected. Unless
 * `suggestNames`, messages suggest no names of the schema.
 */
export function useDocumentLimits({ introspection, suggestNames, isTrusted }: DocumentOptions): Plugin {
  const rules = introspection ? valueFreeRules : [...valueFreeRules, NoSchemaIntrospectionCustomRule];
  return {
    onParse({ setParseFn }) {
      setParseFn((source: string | Source, options?: ParseOptions) => {
        assertLength(typeof source === "string" ? source : source.body, isTrusted);
        return parseWithinLimits(source, options);
      });
    },
    onValidate({ setValidationFn }) {
      setValidationFn((schema, document) => {
        const excess = findExcess(document);
        if (excess !== null) return [excess];
        const errors = validate(schema, document, rules, { maxErrors: MAX_VALIDATION_ERRORS });
        return suggestNames ? errors : errors.map(withoutSuggestion);
      });
    },
  };
}
