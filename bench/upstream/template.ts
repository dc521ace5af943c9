/**
 * ASCII text with places for values. Rendering copies bytes and writes the values into the copy, which costs much
 * less than to build a text of 100 kB from parts.
 */
export type Template = {
  readonly bytes: Buffer;
  readonly places: readonly { readonly offset: number; readonly width: number; readonly kind: number }[];
};

/** Mark a place in the text of a template. `kind` is the index of its value, 0 to 7. */
export const place = (kind: number, width: number): string => String.fromCharCode(kind + 1).repeat(width);

/** Create a template from a text with places. */
export function createTemplate(text: string): Template {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters mark the places
  const places = [...text.matchAll(/([\u0001-\u0008])\1*/g)].map((match) => ({
    offset: match.index,
    width: match[0].length,
    kind: match[0].charCodeAt(0) - 1,
  }));
  return { bytes: Buffer.from(text, "latin1"), places };
}

/** Write values into a copy of a template, which begins at `start`. */
export function fill(copy: Buffer, start: number, { places }: Template, values: readonly string[]): void {
  for (const { offset, width, kind } of places) {
    const value = values[kind] ?? "";
    if (value.length !== width) throw new RangeError(`${value} is not ${width} characters long.`);
    copy.write(value, start + offset, "latin1");
  }
}

/** Render a template with the values of its places. */
export function render(template: Template, values: readonly string[]): Buffer {
  const copy = Buffer.from(template.bytes);
  fill(copy, 0, template, values);
  return copy;
}
