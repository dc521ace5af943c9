/**
 * Create the function that converts a word of the REST API's open vocabulary to its enum value, regardless of case. It
 * returns `OTHER` for an unknown word. The schema then also has a field with the raw word.
 */
export function createEnumReader<const Value extends string>(
  values: readonly Value[],
  aliases: Readonly<Record<string, Value>> = {},
): (raw: string) => Value | "OTHER" {
  const words = [...values.map((value) => [value, value] as const), ...Object.entries(aliases)];
  /** The REST API writes most words in lower case. */
  const asWritten = new Map(words.map(([word, value]) => [word.toLowerCase(), value]));
  const known = new Map(words);
  return (raw) => {
    const value = asWritten.get(raw);
    if (value !== undefined) return value;
    const word = raw.toUpperCase();
    return known.get(word) ?? known.get(word.trim().replaceAll(/[\s-]+/g, "_")) ?? "OTHER";
  };
}
