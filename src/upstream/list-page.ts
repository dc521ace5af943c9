/** One numbered page of a list. */
export type ListPage<T> = {
  /** Items in their places on the page. Null for one that could not be read. */
  readonly items: readonly (T | null)[];
  /** Number of items on all pages. */
  readonly total: number;
};

/**
 * Create a page. Without a usable total, count what the page proves: all items up to it, and one more after a
 * full page.
 *
 * @param page - its number, from 1
 */
export function toListPage<T>(
  items: readonly (T | null)[],
  total: number | null,
  { page, pageSize }: { readonly page: number; readonly pageSize: number },
): ListPage<T> {
  const proven = (page - 1) * pageSize + items.length + (items.length < pageSize ? 0 : 1);
  return { items, total: total ?? proven };
}
