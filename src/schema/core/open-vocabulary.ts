/**
 * Turns a word of an open vocabulary into its enum value, whatever its case.
 *
 * @returns `OTHER` for a word that the enum does not know; the raw word stands beside it in the schema.
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
