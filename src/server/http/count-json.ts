const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const COMMA = 0x2c;
const LIST = 0x5b;
const OBJECT = 0x7b;

/**
 * Whether a JSON text has more than `limit` items and fields, at any depth. An opening bracket counts as one, also where
 * nothing is in it. Looks at each character once, which takes far less time than to parse them.
 */
export function exceedsJsonValues(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  let count = 0;
  let isString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) isString = false;
    } else if (code === QUOTE) isString = true;
    else if (code === COMMA || code === LIST || code === OBJECT) {
      count += 1;
      if (count > limit) return true;
    }
  }
  return false;
}
