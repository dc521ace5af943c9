/**
 * Create the function that converts a word of the REST API's open vocabulary to its enum value, regardless of case. It
 * returns `OTHER` for an unknown word. The schema then also has a field with the raw word.
 */
export function createEnumReader<const Value extends string>(
  values: readonly Value[],
  aliases: Readonly<Record<string, Value>> = {},
): (raw: string) => Value | "OTHER" {
  const known = new Map<string, Value>([
    ...values.map((value): [string, Value] => [value, value]),
    ...Object.entries(aliases),
  ]);
  return (raw) => {
    const word = raw.toUpperCase();
    return known.get(word) ?? known.get(word.trim().replaceAll(/[\s-]+/g, "_")) ?? "OTHER";
  };
}
