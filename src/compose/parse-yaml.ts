import { Composer, type CST, type Document, Lexer, type LineCounter, Parser } from "yaml";
import { composeLimits, MAX_FIELD_PROBLEMS } from "../limits.ts";
import { TooComplexError } from "./budget.ts";

/** A place in the text where the parser's rule with this code is broken. */
export type Fault = { readonly code: string; readonly offset: number };

/** A parsed text, or the first faults in it. */
export type ParsedYaml = { readonly document: Document } | { readonly faults: readonly Fault[] };

/** Thrown at the position where the text is nested too deep. */
class TooDeepError extends Error {
  readonly offset: number;
  constructor(offset: number) {
    super();
    this.offset = offset;
  }
}

const PARSER_OPTIONS = { prettyErrors: false, merge: true, uniqueKeys: false, logLevel: "error" } as const;

/**
 * Read the tokens of a text up to the limit of errors. A directive counts as an error: a text needs one at most.
 *
 * @throws {TooDeepError}
 * @throws {TooComplexError} if the text has too many lexemes or aliases
 */
function* readTokens(text: string, lines: LineCounter): Generator<CST.Token, void> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let lexemes = 0;
  let aliases = 0;
  let errors = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexeme.startsWith("*")) aliases += 1;
    if (lexemes > composeLimits.lexemes || aliases > composeLimits.aliases) throw new TooComplexError();
    if (parser.stack.length > composeLimits.depth) throw new TooDeepError(parser.offset);
    for (const token of parser.next(lexeme)) {
      if (token.type === "error" || token.type === "directive") errors += 1;
      yield token;
      if (errors >= MAX_FIELD_PROBLEMS) return;
    }
  }
  yield* parser.end();
}

function listFaults({ errors }: Document): Fault[] {
  return errors.map(({ code, pos: [offset] }) => ({ code, offset }));
}

function parseWithinLimits(text: string, lines: LineCounter): ParsedYaml {
  let document: Document.Parsed | null = null;
  for (const next of new Composer(PARSER_OPTIONS).compose(readTokens(text, lines), true, text.length)) {
    const second = { code: "MULTIPLE_DOCS", offset: next.range[0] };
    if (document !== null) return { faults: [...listFaults(document), second] };
    document = next;
  }
  const faults = document === null ? [] : listFaults(document);
  return document === null || faults.length > 0 ? { faults } : { document };
}

/**
 * Parse a text that has one YAML document.
 *
 * @throws {TooComplexError} if the text has too many lexemes or aliases
 */
export function parseYaml(text: string, lines: LineCounter): ParsedYaml {
  const { stackTraceLimit } = Error;
  // The parser creates an error for each fault. Their stacks cost most of its time on a hostile text.
  Error.stackTraceLimit = 0;
  try {
    return parseWithinLimits(text, lines);
  } catch (error) {
    if (error instanceof TooComplexError) throw error;
    if (error instanceof TooDeepError) return { faults: [{ code: "TOO_DEEP", offset: error.offset }] };
    return { faults: [{ code: "", offset: 0 }] };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
