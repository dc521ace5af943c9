import { MAX_UPSTREAM_MESSAGE_CHARACTERS, MAX_UPSTREAM_TEXT_CHARACTERS } from "../../limits.ts";
import { indexWindows, WINDOW, type WindowIndex } from "./window-index.ts";

/** Removes from texts what must not be quoted. */
export type Redact = {
  (text: string): string;
  /**
   * Redact the texts that one answer passes on. The cost is one pass over the secrets, whatever the number of
   * texts. @returns a function that redacts each of them.
   */
  readonly together: (texts: readonly string[]) => (text: string) => string;
};

/** Shortest line of a secret that is removed. It can be shorter than a window. */
const MIN_LINE = 4;
/** What replaces a text that must not be shown. */
export const REDACTION_MARK = "[redacted]";
const TRUNCATED = "[truncated]";

/** Words of the Compose format and of this API. They reveal nothing, so they are kept. */
const VOCABULARY =
  /docker[-_ ]compose(?:[-_ ]file)?|services|environment|container(?:_name|s)?|depends_on|networks|pre[-_]launch[-_]script|user_config|encrypted_env|allowed_envs|restart/g;
const LONGEST_WORD = 24;

/** List a secret as it is and as it appears inside JSON. */
function listForms(secret: string): string[] {
  const escaped = JSON.stringify(secret).slice(1, -1);
  return escaped === secret ? [secret] : [secret, escaped];
}

/** Collect the lines of a secret that windows do not remove: short ones, and those that are a known word. */
function collectLines(form: string, words: ReadonlySet<string>, lines: Set<string>): void {
  for (const part of form.split(/\r?\n|\\r|\\n/)) {
    const line = part.trim();
    if (line.length < MIN_LINE || line.length > LONGEST_WORD) continue;
    if (line.length < WINDOW || words.has(line)) lines.add(line);
  }
}

/** The lengths that lines have, by their first {@link MIN_LINE} characters. */
type LineLengths = ReadonlyMap<string, ReadonlySet<number>>;

function groupLengths(lines: ReadonlySet<string>): LineLengths {
  const lengths = new Map<string, Set<number>>();
  for (const line of lines) {
    const start = line.slice(0, MIN_LINE);
    const known = lengths.get(start);
    if (known === undefined) lengths.set(start, new Set([line.length]));
    else known.add(line.length);
  }
  return lengths;
}

/** Mark where a text contains one of the lines. */
function markLines(text: string, lines: ReadonlySet<string>, lengths: LineLengths, marks: Uint8Array): void {
  for (let at = 0; lengths.size > 0 && at + MIN_LINE <= text.length; at += 1) {
    for (const length of lengths.get(text.slice(at, at + MIN_LINE)) ?? []) {
      if (lines.has(text.slice(at, at + length))) marks.fill(1, at, at + length);
    }
  }
}

/** Number the vocabulary words of a text from 1, each on all of its characters. Other characters have 0. */
function numberWords(text: string): Uint16Array {
  const numbers = new Uint16Array(text.length);
  let number = 0;
  for (const match of text.matchAll(VOCABULARY)) {
    number += 1;
    numbers.fill(number, match.index, match.index + match[0].length);
  }
  return numbers;
}

/**
 * Mark the windows of a text that a secret contains. A window inside one known word counts only where it continues
 * one that is not: the word is then quoted with its line.
 */
function markWindows(text: string, isFound: (start: number) => boolean, marks: Uint8Array): void {
  const words = numberWords(text);
  const isInWord = (start: number) => words[start] !== 0 && words[start] === words[start + WINDOW - 1];
  const last = text.length - WINDOW;
  const found = Array.from({ length: Math.max(0, last + 1) }, (_, start) => isFound(start));
  const chosen = found.map((is, start) => is && !isInWord(start));
  for (let at = 1; at <= last; at += 1) chosen[at] ||= found[at] === true && chosen[at - 1] === true;
  for (let at = last - 1; at >= 0; at -= 1) chosen[at] ||= found[at] === true && chosen[at + 1] === true;
  chosen.forEach((is, at) => {
    if (is) marks.fill(1, at, at + WINDOW);
  });
}

/** Replace each run of marked characters. */
function replaceMarked(text: string, marks: Uint8Array): string {
  let result = "";
  let copied = 0;
  for (let at = marks.indexOf(1); at !== -1; at = marks.indexOf(1, copied)) {
    result += text.slice(copied, at) + REDACTION_MARK;
    const end = marks.indexOf(0, at);
    if (end === -1) return result;
    copied = end;
  }
  return result + text.slice(copied);
}

/** Remove a plain name from a text where it is a whole word, not part of a longer one. */
function removeName(text: string, name: string): string {
  const own = /[\w.-]/;
  const parts = text.split(name);
  return parts.reduce((before, after) => {
    const within = own.test(before.at(-1) ?? "") || own.test(after.charAt(0));
    return `${before}${within ? name : REDACTION_MARK}${after}`;
  });
}

/** Truncate texts to the limits of one text and of all together. */
function truncate(texts: readonly string[]): string[] {
  let left = MAX_UPSTREAM_TEXT_CHARACTERS;
  return texts.map((text) => {
    const kept = text.slice(0, Math.min(left, MAX_UPSTREAM_MESSAGE_CHARACTERS));
    left -= kept.length;
    return kept === "" ? TRUNCATED : kept;
  });
}

function removeSecrets(texts: readonly string[], secrets: readonly string[]): string[] {
  const words = new Set(texts.flatMap((text) => text.match(VOCABULARY) ?? []));
  const index: WindowIndex = indexWindows(texts);
  const lines = new Set<string>();
  for (const form of new Set(secrets.flatMap(listForms))) {
    index.search(form);
    collectLines(form, words, lines);
  }
  if (lines.size === 0 && !index.hasFound()) return [...texts];
  const lengths = groupLengths(lines);
  return texts.map((text, number) => {
    const marks = new Uint8Array(text.length);
    markLines(text, lines, lengths, marks);
    markWindows(text, (start) => index.isFound(number, start), marks);
    return replaceMarked(text, marks);
  });
}

/**
 * Create a function that removes from a text every line of the given secrets, and every sequence of eight or
 * more characters that one of them contains. Error messages quote lines in part, truncated or escaped.
 * A text over {@link MAX_UPSTREAM_MESSAGE_CHARACTERS} is truncated. Nothing is computed before the first text.
 *
 * @param names - texts that are not secret. They are removed as whole words only.
 */
export function createRedactor(secrets: readonly string[], names: readonly string[] = []): Redact {
  const plain = names.filter((name) => name.length >= MIN_LINE);
  const redactAll = (given: readonly string[]): Map<string, string> => {
    const distinct = [...new Set(given)].filter((text) => text !== "");
    if (distinct.length === 0) return new Map();
    const named = truncate(distinct).map((text) => plain.reduce(removeName, text));
    const redacted = removeSecrets(named, secrets);
    return new Map(distinct.map((text, at) => [text, redacted[at] ?? REDACTION_MARK]));
  };
  const redact = (text: string) => redactAll([text]).get(text) ?? "";
  return Object.assign(redact, {
    together(texts: readonly string[]) {
      const redacted = redactAll(texts);
      return (text: string) => redacted.get(text) ?? redact(text);
    },
  });
}
