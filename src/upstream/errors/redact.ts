import { MAX_UPSTREAM_MESSAGE_CHARACTERS } from "../../limits.ts";

/** Removes from a text what must not be quoted. */
export type Redact = (text: string) => string;

/** A text that shares this many consecutive characters with a secret loses them. */
const WINDOW = 8;
/** Shortest line of a secret that is removed. It can be shorter than a window. */
const MIN_LINE = 4;
const MARK = "[redacted]";

/** Base of the rolling hash of a window. */
const BASE = 31;
const BASE_TO_WINDOW = Array.from({ length: WINDOW }).reduce<number>((power) => Math.imul(power, BASE), 1);

/** Words of the Compose format and of this API. They reveal nothing, so they are kept. */
const VOCABULARY =
  /docker[-_ ]compose(?:[-_ ]file)?|services|environment|container(?:_name|s)?|depends_on|networks|pre[-_]launch[-_]script|user_config|encrypted_env|allowed_envs|restart/g;

/** List a secret as it is and as it appears inside JSON. */
function listForms(secret: string): string[] {
  const escaped = JSON.stringify(secret).slice(1, -1);
  return escaped === secret ? [secret] : [secret, escaped];
}

function listLines(form: string): string[] {
  return form
    .split(/\r?\n|\\r|\\n/)
    .map((line) => line.trim())
    .filter((line) => line.length >= MIN_LINE);
}

/** Mark the characters of a text that belong to a vocabulary word. */
function markKnown(text: string): boolean[] {
  const known = new Array<boolean>(text.length).fill(false);
  for (const match of text.matchAll(VOCABULARY)) {
    known.fill(true, match.index, match.index + match[0].length);
  }
  return known;
}

/**
 * Call back with a rolling hash for each window of a text. Equal windows have equal hashes. The hash is updated
 * from one window to the next, because a secret can have millions.
 */
function eachWindow(text: string, callback: (sum: number, start: number) => void): void {
  let sum = 0;
  for (let at = 0; at < text.length; at += 1) {
    sum = (Math.imul(sum, BASE) + text.charCodeAt(at)) | 0;
    if (at >= WINDOW) sum = (sum - Math.imul(text.charCodeAt(at - WINDOW), BASE_TO_WINDOW)) | 0;
    if (at >= WINDOW - 1) callback(sum, at - WINDOW + 1);
  }
}

/** Mark the characters of a text that belong to a window of {@link WINDOW} characters that a secret contains. */
function markShared(text: string, forms: readonly string[]): boolean[] {
  const known = markKnown(text);
  const places = new Map<number, number[]>();
  eachWindow(text, (sum, start) => {
    if (known.slice(start, start + WINDOW).every(Boolean)) return;
    places.set(sum, [...(places.get(sum) ?? []), start]);
  });
  const shared = new Array<boolean>(text.length).fill(false);
  for (const form of places.size === 0 ? [] : forms) {
    eachWindow(form, (sum, at) => {
      const starts = places.get(sum);
      if (starts === undefined) return;
      const rest = starts.filter((start) => !form.startsWith(text.slice(start, start + WINDOW), at));
      if (rest.length === starts.length) return;
      for (const start of starts) if (!rest.includes(start)) shared.fill(true, start, start + WINDOW);
      // One match is enough. A secret that repeats itself must not cost time at each repetition.
      if (rest.length > 0) places.set(sum, rest);
      else places.delete(sum);
    });
  }
  return shared;
}

/** Remove a plain name from a text where it is a whole word, not part of a longer one. */
function removeName(text: string, name: string): string {
  const own = /[\w.-]/;
  const parts = text.split(name);
  return parts.reduce((before, after) => {
    const within = own.test(before.at(-1) ?? "") || own.test(after.charAt(0));
    return `${before}${within ? name : MARK}${after}`;
  });
}

/**
 * Create a function that removes from a text every line of the given secrets, and every sequence of eight or
 * more characters that one of them contains. Error messages quote lines in part, truncated or escaped.
 *
 * @param names - texts that are not secret. They are removed as whole words only.
 */
export function createRedactor(secrets: readonly string[], names: readonly string[] = []): Redact {
  let prepared: { readonly forms: readonly string[]; readonly lines: readonly string[] } | undefined;
  const plain = names.filter((name) => name.length >= MIN_LINE);
  const prepare = () => {
    const forms = [...new Set(secrets.flatMap(listForms))];
    const lines = [...new Set(forms.flatMap(listLines))].sort((a, b) => b.length - a.length);
    return { forms, lines };
  };
  return (given) => {
    if (given === "" || (secrets.length === 0 && plain.length === 0)) return given;
    prepared ??= prepare();
    const text = prepared.lines.reduce(
      (rest, line) => rest.replaceAll(line, MARK),
      plain.reduce(removeName, given.slice(0, MAX_UPSTREAM_MESSAGE_CHARACTERS)),
    );
    const shared = markShared(text, prepared.forms);
    return text
      .split("")
      .map((unit, at) => (shared[at] ? (shared[at - 1] ? "" : MARK) : unit))
      .join("");
  };
}
