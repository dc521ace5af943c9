import { randomInt } from "node:crypto";

/** Characters of a window: a text that shares a window with a secret loses it. */
export const WINDOW = 8;

/** Base of the rolling hash of a window. It is odd, and random so that nobody can prepare equal hashes. */
const BASE = randomInt(2 ** 30) * 2 + 1;
const BASE_TO_WINDOW = Array.from({ length: WINDOW }).reduce<number>((power) => Math.imul(power, BASE), 1);

/** Spreads hashes over buckets: the low bits of a rolling hash hardly vary. */
const SPREAD = 0x9e3779b1;

/** The length of a short message. */
const FEW_CHARACTERS = 40;

/** Call back with a rolling hash for each window of a text. Equal windows have equal hashes. */
function eachWindow(text: string, callback: (hash: number, start: number) => void): void {
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) {
    hash = (Math.imul(hash, BASE) + text.charCodeAt(at)) | 0;
    if (at >= WINDOW) hash = (hash - Math.imul(text.charCodeAt(at - WINDOW), BASE_TO_WINDOW)) | 0;
    if (at >= WINDOW - 1) callback(hash, at - WINDOW + 1);
  }
}

/** The windows of some texts, each once. */
export type WindowIndex = {
  /** Find the windows that a secret contains. Costs one pass over the secret, or a few fast ones. */
  search(secret: string): void;
  /** Whether a searched secret contains any of the windows. */
  hasFound(): boolean;
  /** Whether a searched secret contains the window at a place of a text. */
  isFound(text: number, start: number): boolean;
};

/** List the windows of a text. */
function listWindows(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - WINDOW + 1) }, (_, start) =>
    text.slice(start, start + WINDOW),
  );
}

/** Index the windows of a short message, for which the search of strings is faster than hashes. */
function indexFewWindows(texts: readonly string[]): WindowIndex {
  const windows = texts.map(listWindows);
  const found = new Set<string>();
  return {
    search(secret) {
      for (const window of windows.flat()) if (secret.includes(window)) found.add(window);
    },
    hasFound: () => found.size > 0,
    isFound: (text, start) => found.has(windows[text]?.[start] ?? ""),
  };
}

/** Index all windows of some texts. */
export function indexWindows(texts: readonly string[]): WindowIndex {
  const total = texts.reduce((sum, text) => sum + text.length, 0);
  return total <= FEW_CHARACTERS ? indexFewWindows(texts) : indexManyWindows(texts, total);
}

function indexManyWindows(texts: readonly string[], total: number): WindowIndex {
  const bits = Math.max(8, Math.ceil(Math.log2(total * 4 + 1)));
  // A hash table with chains. Ids of windows start at 1; 0 ends a chain.
  const heads = new Int32Array(2 ** bits);
  const next = new Int32Array(total + 1);
  const hashes = new Int32Array(total + 1);
  const found = new Uint8Array(total + 1);
  const windows: string[] = [""];
  const bucketOf = (hash: number) => Math.imul(hash, SPREAD) >>> (32 - bits);
  const get = (list: Int32Array, at: number) => list[at] ?? 0;

  const ids = texts.map((text) => {
    const own = new Int32Array(text.length);
    eachWindow(text, (hash, start) => {
      const bucket = bucketOf(hash);
      const window = text.slice(start, start + WINDOW);
      let id = get(heads, bucket);
      while (id !== 0 && (get(hashes, id) !== hash || windows[id] !== window)) id = get(next, id);
      if (id === 0) {
        id = windows.push(window) - 1;
        hashes[id] = hash;
        next[id] = get(heads, bucket);
        heads[bucket] = id;
      }
      own[start] = id;
    });
    return own;
  });

  return {
    search(secret) {
      eachWindow(secret, (hash, start) => {
        for (let id = get(heads, bucketOf(hash)); id !== 0; id = get(next, id)) {
          // A secret that repeats itself must not cost a comparison at each repetition.
          if (get(hashes, id) !== hash || found[id] === 1) continue;
          if (secret.startsWith(windows[id] ?? "", start)) found[id] = 1;
        }
      });
    },
    hasFound: () => found.includes(1),
    isFound: (text, start) => found[ids[text]?.[start] ?? 0] === 1,
  };
}
