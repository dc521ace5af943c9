/** First two path segments that name a place; elsewhere the second segment is an identifier. */
const fixedPlaces = new Set(["auth/me", "cvms/paginated", "kms/on-chain", "os-images", "status/batch"]);

function isPlace(path: readonly string[]): boolean {
  return fixedPlaces.has(path.slice(0, 2).join("/"));
}

/**
 * The path of a call with `{id}` in the place of identifiers, for example `/cvms/{id}/stats`. It has a
 * bounded number of values and names no one's CVM.
 */
export function describeEndpoint(path: readonly string[]): string {
  const firstId = isPlace(path) ? 2 : 1;
  const parts = path.map((part, index) => (index >= firstId && (index - firstId) % 2 === 0 ? "{id}" : part));
  return `/${parts.join("/")}`;
}

/** What a call is about: the thing that its path names, or null for lists and batches. */
export function findSubject(path: readonly string[]): string | null {
  return path.length < 2 || isPlace(path) ? null : path.slice(0, 2).join("/");
}
