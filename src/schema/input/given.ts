/** The members of an input that a client may leave out or send as null. */
type OptionalKey<Input> = {
  [Key in keyof Input]-?: undefined extends Input[Key] ? Key : null extends Input[Key] ? Key : never;
}[keyof Input];

/** An input of which every absent member is left out: null and undefined mean the same to a client. */
export type Given<Input> = Input extends readonly (infer Item)[]
  ? readonly Given<Item>[]
  : Input extends object
    ? { readonly [Key in Exclude<keyof Input, OptionalKey<Input>>]: Given<Input[Key]> } & {
        readonly [Key in OptionalKey<Input>]?: Given<NonNullable<Input[Key]>>;
      }
    : Input;

/** Return an input without its null and undefined members, at every depth. */
export function omitAbsent<Input>(input: Input): Given<Input>;
export function omitAbsent(input: unknown): unknown {
  if (Array.isArray(input)) return input.map((item) => omitAbsent(item));
  if (typeof input !== "object" || input === null) return input;
  return Object.fromEntries(
    Object.entries(input)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [name, omitAbsent(value)]),
  );
}
