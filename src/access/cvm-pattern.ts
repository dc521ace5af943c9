/** The parts of a CVM that a role can name. The REST API reported them. */
export type TargetCvm = { readonly id: string; readonly name: string; readonly appId: string | null };

/** Whether a role covers a CVM. */
export type CvmPattern = (cvm: TargetCvm) => boolean;

/** Characters of a CVM name, and `*` for any number of them. */
const NAME = /^[a-z0-9*](?:[a-z0-9._*-]{0,98}[a-z0-9*])?$/i;

/** Forms of other identifiers. As a name pattern such a text would match nothing, or a name made to look like it. */
const OTHER_IDENTIFIER =
  /^(?:cvm_.*|app_.*|instance_.*|(?:0x)?[0-9a-f]{40}|[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12})$/i;

/**
 * Compile a pattern in which `*` matches any number of characters. It is no regular expression: with several `*`, a
 * long text of a token would keep that busy for seconds.
 */
export function compileWildcards(pattern: string): (text: string) => boolean {
  const [start = "", ...parts] = pattern.split(/\*+/);
  const end = parts.pop();
  if (end === undefined) return (text) => text === start;
  return (text) => {
    const limit = text.length - end.length;
    let from = start.length;
    if (from > limit || !text.startsWith(start) || !text.endsWith(end)) return false;
    for (const part of parts) {
      const found = text.indexOf(part, from);
      from = found + part.length;
      if (found < 0 || from > limit) return false;
    }
    return true;
  };
}

/**
 * Parse an entry of a role's `cvms`: a `cvm_…` id, `app:` and an app id, or a name with `*` for any characters.
 *
 * @returns null for any other text
 */
export function parseCvmPattern(text: string): CvmPattern | null {
  if (/^cvm_[\w-]{1,64}$/.test(text)) return ({ id }) => id === text;
  const [, app] = /^app:(?:0x)?([0-9a-f]{40})$/i.exec(text) ?? [];
  if (app !== undefined) return ({ appId }) => appId === app.toLowerCase();
  if (!NAME.test(text) || OTHER_IDENTIFIER.test(text)) return null;
  const matches = compileWildcards(text);
  return ({ name }) => matches(name);
}
