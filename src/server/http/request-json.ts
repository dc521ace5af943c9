import { GatewayError } from "../../errors.ts";
import { MAX_REQUEST_VALUES, MAX_SEARCHED_JSON_CHARACTERS } from "../../limits.ts";
import { createProtocolError, toGraphQLError } from "../errors/protocol-error.ts";
import { exceedsJsonValues } from "./count-json.ts";

/** Tokens of JSON. A string holds no control character but those of Latin-1 (C1), and only the escapes of JSON. */
const TOKEN =
  /[\{\}\[\],:]|"[[^"\\\p{Cc}]\x7f-\x9f]*(?:\\(?:["\\\/bfnrt]|u[0-9a-fA-F]{4})[[^"\\\p{Cc}]\x7f-\x9f]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+\-]?\d+)?|true|false|null/vy;

const BLANKS = /[ \t\n\r]*/y;

/** What may come next. */
type State = "value" | "valueOrEnd" | "key" | "keyOrEnd" | "colon" | "commaOrEnd";

/** Return the state after a token, or null where the token is not allowed. Updates the open brackets. */
function advance(state: State, token: string, open: string[]): State | null {
  const isValue = state === "value" || state === "valueOrEnd";
  const isKey = state === "key" || state === "keyOrEnd";
  const inObject = open.at(-1) === "{";
  switch (token) {
    case "{":
    case "[":
      if (!isValue) return null;
      open.push(token);
      return token === "{" ? "keyOrEnd" : "valueOrEnd";
    case "}":
    case "]": {
      const start = token === "}" ? "{" : "[";
      const first = token === "}" ? "keyOrEnd" : "valueOrEnd";
      if ((state !== first && state !== "commaOrEnd") || open.at(-1) !== start) return null;
      open.pop();
      return "commaOrEnd";
    }
    case ",":
      if (state !== "commaOrEnd" || open.length === 0) return null;
      return inObject ? "key" : "value";
    case ":":
      return state === "colon" ? "value" : null;
    default:
      if (isKey) return token.startsWith('"') ? "colon" : null;
      return isValue ? "commaOrEnd" : null;
  }
}

function readToken(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

/**
 * Find where a text stops being JSON, for a text that `JSON.parse` rejects. The messages of `JSON.parse` cannot
 * be passed on, because they quote the text.
 *
 * @returns the offset in UTF-16 units. It is the length of the text when the text ends too early.
 */
function findJsonError(text: string): number {
  const open: string[] = [];
  let state: State | null = "value";
  let at = readToken(BLANKS, text, 0).length;
  while (at < text.length) {
    const token = readToken(TOKEN, text, at);
    state = token === "" ? null : advance(state, token, open);
    if (state === null) return at;
    at += token.length;
    at += readToken(BLANKS, text, at).length;
  }
  return at;
}

/** Describe where a text stops being JSON, by line and column, counted from 1. */
function describeError(text: string): string {
  if (text.length > MAX_SEARCHED_JSON_CHARACTERS) return "";
  const offset = findJsonError(text);
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  const column = offset - before.lastIndexOf("\n");
  return `: ${offset < text.length ? "error at" : "it ends too early, at"} line ${line}, column ${column}`;
}

/**
 * Parse a part of the HTTP request as JSON.
 *
 * @param what - name of the part at the start of a sentence, for example "The request body"
 * @throws {GraphQLError} `BAD_USER_INPUT` with too many values, and `BAD_REQUEST` with the place of the error. It never
 * quotes the text.
 */
export function parseRequestJson(what: string, text: string) {
  if (exceedsJsonValues(text, MAX_REQUEST_VALUES)) {
    const message = `${what} has too many values: lists and objects can have ${MAX_REQUEST_VALUES} items and fields together.`;
    throw toGraphQLError(new GatewayError("BAD_USER_INPUT", message), { status: 400 });
  }
  try {
    return JSON.parse(text);
  } catch {
    if (text.trim() === "") throw createProtocolError("BAD_REQUEST", `${what} is empty.`, { status: 400 });
    throw createProtocolError("BAD_REQUEST", `${what} is not valid JSON${describeError(text)}.`, {
      status: 400,
    });
  }
}
