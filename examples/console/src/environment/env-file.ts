/** What the text of an .env file holds. */
export type EnvFile = {
  readonly variables: readonly { readonly key: string; readonly value: string }[];
  /** Numbers of the lines that are neither a variable nor a comment. */
  readonly unreadLines: readonly number[];
};

/** A variable at the start of the text. A value in quotes can have several lines. */
const VARIABLE =
  /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(?:"((?:\\[\s\S]|[^"\\])*)"|'([^']*)')?([^\n]*)(?:\n|$)/;

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** What may follow a value in quotes. */
const COMMENT = /^\s*(?:#.*)?$/;

/**
 * Read an .env file as Docker Compose does: comments after a space, `export`, values in quotes over several lines, and
 * escapes in double quotes. Names are not replaced by other variables.
 */
export function parseEnvFile(text: string): EnvFile {
  const variables: { key: string; value: string }[] = [];
  const unreadLines: number[] = [];
  let rest = text.replaceAll("\r\n", "\n");
  for (let line = 1; rest !== ""; ) {
    const [first = ""] = /^[^\n]*(?:\n|$)/.exec(rest) ?? [];
    const found = VARIABLE.exec(rest);
    const variable = found === null ? null : readVariable(found, first);
    const taken = variable?.text ?? first;
    if (variable !== null) variables.push({ key: variable.key, value: variable.value });
    else if (!COMMENT.test(first.trimEnd())) unreadLines.push(line);
    line += taken.split("\n").length - 1;
    rest = rest.slice(taken.length);
    if (taken === "") break;
  }
  return { variables, unreadLines };
}

function readVariable(found: RegExpExecArray, first: string) {
  const [text, key = "", double, single, after = ""] = found;
  if (COMMENT.test(after) && double !== undefined) {
    return { key, text, value: double.replace(/\\([nrt"\\$])/g, (_, name: string) => ESCAPES[name] ?? name) };
  }
  if (COMMENT.test(after) && single !== undefined) return { key, text, value: single };
  const raw = first.slice(first.indexOf("=") + 1);
  // A quote that does not end the value can mean several things. The person is told instead.
  if (/^\s*["']/.test(raw)) return null;
  return { key, text: first, value: raw.replace(/\s#.*$/s, "").trim() };
}
