import { CryptoError } from "./crypto-error.ts";

/** Maximum nesting: far deeper than any app-compose, far below the limit of the call stack. */
export const MAX_JSON_DEPTH = 100;

/** A JSON value that keeps the exact text of its strings, numbers and literals, and the order of its members. */
export type JsonNode =
  | { readonly kind: "scalar"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly JsonNode[] }
  | { readonly kind: "object"; readonly members: readonly JsonMember[] };

/** A member of an object. `nameText` is the name as it is written, with its quotes. */
export type JsonMember = { readonly name: string; readonly nameText: string; readonly value: JsonNode };

/** White space of a JSON text. */
export type JsonLayout = {
  /** One level of indentation; null if the whole text is one line. */
  readonly indent: string | null;
  readonly afterColon: string;
  /** Blank after a comma of a text in one line. */
  readonly afterComma: string;
};

/**
 * Parse a JSON text without changing anything in it: a number keeps its digits and a string its escapes.
 *
 * @param argument - the argument's name, for the error message
 * @throws CryptoError `bad-json`
 */
export function parseJsonText(argument: string, text: string): JsonNode {
  assertJson(argument, text);
  let at = 0;

  /** Return the next token. The text is known to be valid JSON. */
  function nextToken(): string {
    while (/[ \t\n\r]/.test(text.charAt(at))) at += 1;
    const start = at;
    if (text.charAt(at) === '"') {
      at += 1;
      while (text.charAt(at) !== '"') at += text.charAt(at) === "\\" ? 2 : 1;
      at += 1;
    } else if ("{}[],:".includes(text.charAt(at))) {
      at += 1;
    } else {
      while (/[\w.+-]/.test(text.charAt(at))) at += 1;
    }
    return text.slice(start, at);
  }

  function parseValue(token: string, depth: number): JsonNode {
    if (depth > MAX_JSON_DEPTH) throw tooDeep(argument);
    if (token === "{") return { kind: "object", members: parseMembers(depth + 1) };
    if (token === "[") return { kind: "list", items: parseItems(depth + 1) };
    return { kind: "scalar", text: token };
  }

  function parseMembers(depth: number): JsonMember[] {
    const members: JsonMember[] = [];
    for (let token = nextToken(); token !== "}"; token = nextToken()) {
      const nameText = token === "," ? nextToken() : token;
      nextToken();
      members.push({ name: unquote(nameText), nameText, value: parseValue(nextToken(), depth) });
    }
    return members;
  }

  function parseItems(depth: number): JsonNode[] {
    const items: JsonNode[] = [];
    for (let token = nextToken(); token !== "]"; token = nextToken()) {
      items.push(parseValue(token === "," ? nextToken() : token, depth));
    }
    return items;
  }

  return parseValue(nextToken(), 0);
}

/** Write a JSON value in a layout. Empty lists and objects stay on one line, as in Python and JavaScript. */
export function writeJsonText(node: JsonNode, layout: JsonLayout, depth = 0): string {
  if (node.kind === "scalar") return node.text;
  if (node.kind === "list") {
    const items = node.items.map((item) => writeJsonText(item, layout, depth + 1));
    return wrap("[", items, "]", layout, depth);
  }
  const members = node.members.map(
    ({ nameText, value }) => `${nameText}:${layout.afterColon}${writeJsonText(value, layout, depth + 1)}`,
  );
  return wrap("{", members, "}", layout, depth);
}

/** Find the layout that reproduces a text exactly; null if the text has no regular layout. */
export function findJsonLayout(node: JsonNode, text: string): JsonLayout | null {
  const indent = /^[{[]\n([ \t]*)/.exec(text)?.[1] ?? null;
  const layouts = ["", " "].flatMap((afterColon) =>
    (indent === null ? ["", " "] : [""]).map((afterComma) => ({ indent, afterColon, afterComma })),
  );
  return layouts.find((layout) => writeJsonText(node, layout) === text) ?? null;
}

/** Create the error for a value that is nested too deep. */
export function tooDeep(argument: string): CryptoError {
  return new CryptoError("bad-json", argument, `is nested deeper than ${MAX_JSON_DEPTH} levels.`);
}

/** Return the characters of a JSON string. */
export function unquote(text: string): string {
  return String(JSON.parse(text));
}

function wrap(
  open: string,
  parts: readonly string[],
  close: string,
  { indent, afterComma }: JsonLayout,
  depth: number,
): string {
  if (parts.length === 0) return open + close;
  if (indent === null) return `${open}${parts.join(`,${afterComma}`)}${close}`;
  const inner = `\n${indent.repeat(depth + 1)}`;
  return `${open}${inner}${parts.join(`,${inner}`)}\n${indent.repeat(depth)}${close}`;
}

function assertJson(argument: string, text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw new CryptoError("bad-json", argument, "is not a JSON text.");
  }
}
