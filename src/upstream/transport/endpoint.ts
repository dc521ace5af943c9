/** Paths whose second segment is a fixed word. In all other paths it is an identifier. */
const fixedPaths = new Set(["auth/me", "cvms/paginated", "kms/on-chain", "os-images", "status/batch"]);

function isFixed(path: readonly string[]): boolean {
  return fixedPaths.has(path.slice(0, 2).join("/"));
}

/**
 * Return the path of a call with `{id}` instead of identifiers, for example `/cvms/{id}/stats`. The number of
 * different values is limited, and none of them identifies a CVM.
 */
export function describeEndpoint(path: readonly string[]): string {
  const firstId = isFixed(path) ? 2 : 1;
  const parts = path.map((part, index) => (index >= firstId && (index - firstId) % 2 === 0 ? "{id}" : part));
  return `/${parts.join("/")}`;
}

/** Find the resource that a path identifies, for example `cvms/web`. Null for lists and batches. */
export function findSubject(path: readonly string[]): string | null {
  return path.length < 2 || isFixed(path) ? null : path.slice(0, 2).join("/");
}
