import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  visit,
  type YAMLMap,
} from "yaml";
import { MAX_FIELD_PROBLEMS } from "../limits.ts";
import { createVisitBudget, type VisitBudget } from "./budget.ts";
import { type Fault, parseYaml } from "./parse-yaml.ts";
import type { ComposeProblem } from "./problem.ts";

/** A parsed Docker Compose file. Aliases are never expanded, so a small text stays small in memory. */
export type ComposeDocument = {
  readonly text: string;
  readonly root: YAMLMap;
  readonly services: YAMLMap;
  readonly budget: VisitBudget;
  /** Return the node that an alias refers to. */
  resolve(node: unknown): Node | null;
  /** Return the position of an offset; lines and columns start at 1. */
  locate(offset: number): Position;
};

type Position = { readonly line: number; readonly column: number };

/** A parsed file, or the reasons why it is not a Compose file. */
export type ParsedCompose =
  | { readonly document: ComposeDocument; readonly problems: readonly [] }
  | { readonly document: null; readonly problems: readonly ComposeProblem[] };

/** Messages by the parser's code. The parser's own messages quote the text, which may hold secrets. */
const messages: Readonly<Record<string, string>> = {
  BAD_ALIAS: "An alias (*) is not allowed here, or its anchor (&) is missing.",
  BAD_DQ_ESCAPE: "A double-quoted string has an unknown escape sequence.",
  BAD_INDENT: "The indentation does not match the lines above.",
  BAD_SCALAR_START: "An unquoted string cannot start with this character. Put it in quotes.",
  BLOCK_AS_IMPLICIT_KEY:
    "A nested mapping is not allowed here. Put the string in quotes, or start a new line.",
  BLOCK_IN_FLOW: "A block is not allowed inside brackets or braces.",
  DUPLICATE_KEY: "A key appears twice in the same mapping.",
  MISSING_CHAR: "A character is missing, for example a colon, a closing quote, bracket or brace.",
  MULTILINE_IMPLICIT_KEY: "A key and its colon must be on one line.",
  MULTIPLE_DOCS: "The text has more than one YAML document.",
  TAB_AS_INDENT: "Tabs are not allowed as indentation.",
  TOO_DEEP: "The text is nested too deep.",
  UNEXPECTED_TOKEN: "Unexpected characters.",
};

/** Result of one walk over a document. */
type Walk = {
  /** The node of every alias; null if its anchor is missing. */
  readonly targets: ReadonlyMap<Alias, Node | null>;
  readonly faults: readonly Fault[];
};

/** Resolve aliases, and find missing anchors and repeated keys, in linear time. */
function walk(document: Document): Walk {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node | null>();
  const faults: Fault[] = [];
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source) ?? null;
        targets.set(node, target);
        if (target === null) faults.push({ code: "BAD_ALIAS", offset: node.range?.[0] ?? 0 });
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (isMap(node)) faults.push(...findRepeatedKeys(node));
      return faults.length < MAX_FIELD_PROBLEMS ? undefined : visit.BREAK;
    },
  });
  return { targets, faults };
}

function findRepeatedKeys(map: YAMLMap): Fault[] {
  const keys = new Set<unknown>();
  const faults: Fault[] = [];
  for (const { key } of map.items) {
    const value = isScalar(key) ? key.value : key;
    if (keys.has(value))
      faults.push({ code: "DUPLICATE_KEY", offset: isNode(key) ? (key.range?.[0] ?? 0) : 0 });
    if (faults.length >= MAX_FIELD_PROBLEMS) break;
    keys.add(value);
  }
  return faults;
}

/**
 * Parse a Docker Compose file: YAML with a mapping of services. No message quotes the text.
 *
 * @throws {TooComplexError} if the text has too many lexemes
 */
export function parseComposeDocument(text: string): ParsedCompose {
  const lines = new LineCounter();
  const locate = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const reject = (faults: readonly Fault[]): ParsedCompose => ({
    document: null,
    problems: faults
      .slice(0, MAX_FIELD_PROBLEMS)
      .map(({ code, offset }) => describeFault(code, locate(offset))),
  });
  const parsed = parseYaml(text, lines);
  if ("faults" in parsed) return reject(listDistinct(parsed.faults));
  const { document } = parsed;
  const { targets, faults } = walk(document);
  if (faults.length > 0) return reject(faults);

  const resolve = (node: unknown): Node | null => {
    if (isAlias(node)) return targets.get(node) ?? null;
    return isNode(node) ? node : null;
  };
  const root = document.contents;
  const services = isMap(root) ? resolve(root.get("services", true)) : null;
  if (!isMap(root) || !isMap(services)) return { document: null, problems: [servicesMissing] };
  return { document: { text, root, services, budget: createVisitBudget(), resolve, locate }, problems: [] };
}

/** The parser can report one place several times. */
function listDistinct(faults: readonly Fault[]): Fault[] {
  const first = faults.slice(0, MAX_FIELD_PROBLEMS * 10);
  return [...new Map(first.map((fault) => [`${fault.code} ${fault.offset}`, fault])).values()];
}

const servicesMissing: ComposeProblem = {
  severity: "ERROR",
  code: "SERVICES_MISSING",
  message: "Expected a Docker Compose file: a mapping with a `services` mapping.",
  line: null,
  column: null,
  subject: "file",
};

function describeFault(code: string, { line, column }: Position): ComposeProblem {
  const reason = messages[code] ?? "This is not valid YAML.";
  const message = `Line ${line}, column ${column}: ${reason}`;
  return { severity: "ERROR", code: "YAML_SYNTAX", message, line, column, subject: "file" };
}
