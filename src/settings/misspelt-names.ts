/** Shortest name that is compared. Shorter ones, such as PORT, resemble too many other variables. */
const MIN_LENGTH = 7;

/** The most edits between a misspelt name and the right one. */
const MAX_EDITS = 2;

/** Variables of other software whose names start like those of the gateway. */
const FOREIGN = /^(?:OTEL|npm|NODE|FTP)_/i;

/** Count the edits (insert, delete, replace) between two texts, by Levenshtein. */
function countEdits(first: string, second: string): number {
  let row = Array.from({ length: second.length + 1 }, (_, at) => at);
  for (const [at, unit] of [...first].entries()) {
    const next = [at + 1];
    for (const [column, other] of [...second].entries()) {
      const replaced = (row[column] ?? 0) + (unit === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[second.length] ?? 0;
}

/** Whether a name is the start of a setting's name, for example `UPSTREAM_READ_TIMEOUT` without `_MS`. */
function isStartOf(given: string, name: string): boolean {
  return given.includes("_") && name.startsWith(`${given}_`);
}

/** How far a name is from that of a setting. Infinite when they do not look alike. */
function measureDistance(given: string, name: string): number {
  if (Math.abs(given.length - name.length) <= MAX_EDITS) {
    const edits = countEdits(given, name);
    if (edits <= MAX_EDITS) return edits;
  }
  return isStartOf(given, name) ? MAX_EDITS + 1 : Number.POSITIVE_INFINITY;
}

/** Return the name of the setting that an unknown variable resembles most, or null. */
function findResemblance(given: string, names: readonly string[]): string | null {
  const upper = given.toUpperCase();
  const [best] = names
    .map((name) => ({ name, distance: measureDistance(upper, name) }))
    .filter(({ distance }) => Number.isFinite(distance))
    .sort((a, b) => a.distance - b.distance);
  return best?.name ?? null;
}

/**
 * List the variables that look like a misspelt setting, with the name of that setting. A setting that is given
 * under its right name is not misspelt as well.
 *
 * @param given - names of the variables of the process
 * @param names - names of all settings
 */
export function findMisspeltNames(
  given: readonly string[],
  names: readonly string[],
): { readonly given: string; readonly meant: string }[] {
  const known = new Set(names);
  const missing = names.filter((name) => !given.includes(name));
  return given
    .filter((name) => !known.has(name) && name.length >= MIN_LENGTH && !FOREIGN.test(name))
    .flatMap((name) => {
      const meant = findResemblance(name, missing);
      return meant === null ? [] : [{ given: name, meant }];
    });
}
