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
import { assertNoProblems, describeInvalid, type InputProblem } from "../write/input-problem.ts";

/** What the compose file and the script may have together, in UTF-8 bytes. */
const MAX_COMPOSE_BYTES = 200 * 1024;

/** Problems of one text that are told at most: the first are those that matter. */
const MAX_PROBLEMS = 10;

/** A Docker Compose text, parsed. No alias is ever expanded, so that a small text stays small. */
export type ComposeDocument = {
  readonly text: string;
  /** The outermost mapping; null as `services` is. */
  readonly root: YAMLMap | null;
  /** Null where the text is no Compose file; then there is at least one problem. */
  readonly services: YAMLMap | null;
  readonly problems: readonly InputProblem[];
  /** Follows an alias to the node that it stands for. */
  resolve(node: unknown): Node | null;
  /** Where a node stands, counted from 1. */
  locate(offset: number): { readonly line: number; readonly column: number };
};

/** Our own sentences for the parser's codes: its messages quote the text, which may hold secrets. */
const sentences: Readonly<Record<string, string>> = {
  BAD_ALIAS: "An alias (*) is not allowed here or has no anchor before it.",
  BAD_DQ_ESCAPE: "A double-quoted text has an escape that YAML does not know.",
  BAD_INDENT: "The indentation does not fit the lines above.",
  BAD_SCALAR_START: "A plain text cannot start with this character: put it in quotes.",
  BLOCK_AS_IMPLICIT_KEY: "A nested mapping is not allowed here: put the text in quotes, or start a new line.",
  BLOCK_IN_FLOW: "A block is not allowed inside brackets or braces.",
  DUPLICATE_KEY: "A key stands twice in the same mapping.",
  MISSING_CHAR: "A character is missing, for example a colon, a closing quote, bracket or brace.",
  MULTILINE_IMPLICIT_KEY: "A key has to be on one line, with its colon.",
  MULTIPLE_DOCS: "There is more than one YAML document.",
  TAB_AS_INDENT: "Tabs are not allowed as indentation.",
  UNEXPECTED_TOKEN: "Something stands here that YAML does not expect.",
};

function describeYaml(path: string, code: string, line: number, column: number): InputProblem {
  const sentence = sentences[code] ?? "This is not YAML.";
  return {
    code: "YAML_SYNTAX",
    path,
    message: `Line ${line}, column ${column}: ${sentence}`,
    line,
    column,
  };
}

/** What one walk over a document finds. */
type Walk = {
  /** The node of every alias; null for one that has no anchor before it. */
  readonly targets: ReadonlyMap<Alias, Node | null>;
  /** Where a key stands again in its mapping. */
  readonly repeatedKeys: readonly number[];
};

/** Finds what the parser leaves open, or would compare every key with every other for. */
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
    // The parser is recursive: a text that is nested tens of thousands deep ends its stack.
    return null;
  }
}

/**
 * Reads a Docker Compose text: YAML with a mapping of services. Nothing of the text gets into a message.
 *
 * @param path - the input that holds it
 */
export function readComposeDocument(text: string, path: string): ComposeDocument {
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
    return { text, root, services, problems: distinct.slice(0, MAX_PROBLEMS), resolve, locate };
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
  const message = "Expected a Docker Compose file: a mapping whose `services` is a mapping.";
  return end([{ code: "SERVICES_MISSING", path, message }], null);
}

/** Checks the two texts of an app-compose that share one limit. */
export function findSizeProblems(
  composePath: string,
  compose: string | null | undefined,
  scriptPath: string,
  script: string | null | undefined,
): InputProblem[] {
  const broken = [
    ...(compose?.isWellFormed() === false ? [composePath] : []),
    ...(script?.isWellFormed() === false ? [scriptPath] : []),
  ].map((path) => describeInvalid(path, "Has a lone surrogate, which has no UTF-8 form."));
  if (broken.length > 0) return broken;
  const bytes = Buffer.byteLength(compose ?? "") + Buffer.byteLength(script ?? "");
  if (bytes <= MAX_COMPOSE_BYTES) return [];
  const message = `The Docker Compose file and the pre-launch script have ${bytes} bytes together; ${MAX_COMPOSE_BYTES} are allowed.`;
  return [{ code: "SIZE_LIMIT", path: compose ? composePath : scriptPath, message }];
}

/** Finds what is wrong with a Docker Compose text by itself: empty, no YAML, no services. */
export function findComposeProblems(text: string, path: string): readonly InputProblem[] {
  if (text.trim() === "") return [describeInvalid(path, "Must not be empty.")];
  if (Buffer.byteLength(text) > MAX_COMPOSE_BYTES) return [];
  return readComposeDocument(text, path).problems;
}

/**
 * Checks a Docker Compose text that is sent alone.
 *
 * @throws {GatewayError} `BAD_USER_INPUT` with line and column.
 */
export function assertComposeText(text: string, path: string): void {
  assertNoProblems([...findSizeProblems(path, text, path, null), ...findComposeProblems(text, path)]);
}
