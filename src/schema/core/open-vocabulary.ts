/**
 * Convert a word of the REST API's open vocabulary to its enum value, regardless of case.
 *
 * @returns `OTHER` for an unknown word. The schema then also has a field with the raw word.
 */
export function toEnumValue<const Value extends string>(
  values: readonly Value[],
  raw: string,
  aliases: Readonly<Record<string, Value>> = {},
): Value | "OTHER" {
  const word = raw
    .trim()
    .toUpperCase()
    .replaceAll(/[\s-]+/g, "_");
  return values.find((value) => value === word) ?? aliases[word] ?? "OTHER";
}
