/** Whether a JSON value has more than `limit` items and fields, at any depth. Stops counting at the limit. */
export function exceedsValues(value: unknown, limit: number): boolean {
  const pending: object[] = typeof value === "object" && value !== null ? [value] : [];
  let count = 0;
  for (let parent = pending.pop(); parent !== undefined; parent = pending.pop()) {
    const children: readonly unknown[] = Array.isArray(parent) ? parent : Object.values(parent);
    count += children.length;
    if (count > limit) return true;
    for (const child of children) if (typeof child === "object" && child !== null) pending.push(child);
  }
  return false;
}
