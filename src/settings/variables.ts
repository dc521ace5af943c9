import { z } from "zod";

/** The environment variable of a setting. */
type Variable = {
  readonly name: string;
  readonly purpose: string;
  /** Another name, which has precedence. */
  readonly alias?: string;
  /** Whether the value can be in a file, which the variable with `_FILE` at its end names. */
  readonly secret?: boolean;
};

/** The environment variable of each setting. */
export const variables = z.registry<Variable>();

/** Declare a setting: its environment variable, its rule with the default, and its purpose. */
export function setting<Rule extends z.ZodType>(
  name: string,
  rule: Rule,
  purpose: string,
  more: Pick<Variable, "alias" | "secret"> = {},
): Rule {
  variables.add(rule, { name, purpose, ...more });
  return rule;
}

/** Declare a setting whose value may contain a password or a key. */
export function secret<Rule extends z.ZodType>(
  name: string,
  rule: Rule,
  purpose: string,
  alias?: string,
): Rule {
  return setting(name, rule, purpose, { secret: true, ...(alias === undefined ? {} : { alias }) });
}
