import { MAX_UPSTREAM_MESSAGE_CHARACTERS } from "../../limits.ts";

/** Takes out of a text what must not be quoted. */
export type Redact = (text: string) => string;

/** This many characters in a row that a text shares with a secret are taken out. */
const WINDOW = 8;
/** Lines of a secret from this length on are taken out whole, though they are shorter than a window. */
const MIN_LINE = 4;
const MARK = "[redacted]";

/** Of the rolling sum over a window. */
const BASE = 31;
const BASE_TO_WINDOW = Array.from({ length: WINDOW }).reduce<number>((power) => Math.imul(power, BASE), 1);

/** Words of the Compose format and of this API: that they stand in both texts says nothing. */
const VOCABULARY =
  /docker[-_ ]compose(?:[-_ ]file)?|services|environment|container(?:_name|s)?|depends_on|networks|pre[-_]launch[-_]script|user_config|encrypted_env|allowed_envs|restart/g;

/** A secret as it stands, and as it stands inside JSON or another quoted form. */
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

/** Marks the places of the text that a vocabulary word takes. */
function markKnown(text: string): boolean[] {
  const known = new Array<boolean>(text.length).fill(false);
  for (const match of text.matchAll(VOCABULARY)) {
    known.fill(true, match.index, match.index + match[0].length);
  }
  return known;
}

/**
 * Calls back with a number for each window of a text: equal windows have equal numbers. It rolls from one to
 * the next, since a secret can have millions.
 */
function eachWindow(text: string, callback: (sum: number, start: number) => void): void {
  let sum = 0;
  for (let at = 0; at < text.length; at += 1) {
    sum = (Math.imul(sum, BASE) + text.charCodeAt(at)) | 0;
    if (at >= WINDOW) sum = (sum - Math.imul(text.charCodeAt(at - WINDOW), BASE_TO_WINDOW)) | 0;
    if (at >= WINDOW - 1) callback(sum, at - WINDOW + 1);
  }
}

/** Marks every place of the text that lies in a stretch of {@link WINDOW} characters that a secret has too. */
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
      // Found once is enough: a secret that repeats itself must not cost each time.
      if (rest.length > 0) places.set(sum, rest);
      else places.delete(sum);
    });
  }
  return shared;
}

/** Takes a plain name out of a text where it stands by itself, and not where it begins or ends a longer one. */
function takeOutName(text: string, name: string): string {
  const own = /[\w.-]/;
  const parts = text.split(name);
  return parts.reduce((before, after) => {
    const within = own.test(before.at(-1) ?? "") || own.test(after.charAt(0));
    return `${before}${within ? name : MARK}${after}`;
  });
}

/**
 * Makes a function that takes out of a text every line of the given secrets, and every stretch of eight
 * characters or more that one of them has too: error messages quote lines in part, cut off and escaped.
 *
 * @param names - texts that are no secrets, which are taken out as whole words only
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
      plain.reduce(takeOutName, given.slice(0, MAX_UPSTREAM_MESSAGE_CHARACTERS)),
    );
    const shared = markShared(text, prepared.forms);
    return text
      .split("")
      .map((unit, at) => (shared[at] ? (shared[at - 1] ? "" : MARK) : unit))
      .join("");
  };
}
