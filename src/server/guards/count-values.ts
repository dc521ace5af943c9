/** Whether a JSON value has more than `limit` items and fields, at any depth. Stops counting at the limit. */
export function exceedsValues(value: unknown, limit: number): boolean {
  const pending: object[] = typeof value === "object" && value !== null ? [value] : [];
  let count = 0;
  for (let parent = pending.pop(); parent !== undefined; parent = pending.pop()) {
    // The names alone are much faster to list than the values of an object with many.
    count += Array.isArray(parent) ? parent.length : Object.keys(parent).length;
    if (count > limit) return true;
    const children: readonly unknown[] = Array.isArray(parent) ? parent : Object.values(parent);
    for (const child of children) if (typeof child === "object" && child !== null) pending.push(child);
  }
  return false;
}
