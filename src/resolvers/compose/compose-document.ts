import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from "yaml";
import { MAX_FIELD_PROBLEMS } from "../../limits.ts";
import type { InputProblem } from "../write/input-problem.ts";

/** A parsed Docker Compose file. Aliases are never expanded, so a small text stays small in memory. */
export type ComposeDocument = {
  readonly text: string;
  /** The top-level mapping; null if `services` is. */
  readonly root: YAMLMap | null;
  /** Null if the text is not a Compose file. Then there is at least one problem. */
  readonly services: YAMLMap | null;
  readonly problems: readonly InputProblem[];
  /** Return the node that an alias refers to. */
  resolve(node: unknown): Node | null;
  /** Return the position of an offset; lines and columns start at 1. */
  locate(offset: number): { readonly line: number; readonly column: number };
};

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
  UNEXPECTED_TOKEN: "Unexpected characters.",
};

function describeYaml(path: string, code: string, line: number, column: number): InputProblem {
  const reason = messages[code] ?? "This is not valid YAML.";
  return {
    code: "YAML_SYNTAX",
    path,
    message: `Line ${line}, column ${column}: ${reason}`,
    line,
    column,
  };
}

/** Result of one walk over a document. */
type Walk = {
  /** The node of every alias; null if its anchor is missing. */
  readonly targets: ReadonlyMap<Alias, Node | null>;
  /** Offsets of keys that repeat an earlier key of their mapping. */
  readonly repeatedKeys: readonly number[];
};

/** Resolve aliases, and find repeated keys in linear time. */
function walk(document: Document): Walk {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node | null>();
  const repeatedKeys: number[] = [];
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) targets.set(node, anchors.get(node.source) ?? null);
      else if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (!isMap(node)) return;
      const keys = new Set<unknown>();
      for (const { key } of node.items) {
        const value = isScalar(key) ? key.value : key;
        if (keys.has(value)) repeatedKeys.push(isNode(key) ? (key.range?.[0] ?? 0) : 0);
        keys.add(value);
      }
    },
  });
  return { targets, repeatedKeys };
}

type Parsed = Walk & { readonly document: Document };

const PARSER_OPTIONS = { prettyErrors: false, merge: true, uniqueKeys: false, logLevel: "error" } as const;

function parse(text: string, lineCounter: LineCounter): Parsed | null {
  try {
    const document = parseDocument(text, { ...PARSER_OPTIONS, lineCounter });
    return { document, ...walk(document) };
  } catch {
    // The parser is recursive: tens of thousands of nested levels exceed its stack.
    return null;
  }
}

/**
 * Parse a Docker Compose file: YAML with a mapping of services. No message quotes the text.
 *
 * @param path - the input field that holds it
 */
export function parseComposeDocument(text: string, path: string): ComposeDocument {
  const lines = new LineCounter();
  const parsed = parse(text, lines);
  const locate = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const resolve = (node: unknown): Node | null => {
    if (isAlias(node)) return parsed?.targets.get(node) ?? null;
    return isNode(node) ? node : null;
  };
  const end = (problems: InputProblem[], services: YAMLMap | null): ComposeDocument => {
    const contents = parsed?.document.contents;
    const root = services !== null && isMap(contents) ? contents : null;
    const distinct = [...new Map(problems.map((problem) => [problem.message, problem])).values()];
    return { text, root, services, problems: distinct.slice(0, MAX_FIELD_PROBLEMS), resolve, locate };
  };
  const report = (code: string, offset: number) => {
    const { line, column } = locate(offset);
    return describeYaml(path, code, line, column);
  };
  if (parsed === null) return end([report("", 0)], null);
  const { document, targets, repeatedKeys } = parsed;
  const syntax = document.errors.map(({ code, pos }) => report(code, pos[0]));
  const strays = [...targets].filter(([, target]) => target === null);
  const aliases = strays.map(([alias]) => report("BAD_ALIAS", alias.range?.[0] ?? 0));
  const repeated = repeatedKeys.map((offset) => report("DUPLICATE_KEY", offset));
  const broken = [...syntax, ...aliases, ...repeated];
  if (broken.length > 0) return end(broken, null);
  const services = isMap(document.contents) ? resolve(document.contents.get("services", true)) : null;
  if (isMap(services)) return end([], services);
  const message = "Expected a Docker Compose file: a mapping with a `services` mapping.";
  return end([{ code: "SERVICES_MISSING", path, message }], null);
}
