import { createInputError } from "../../errors.ts";
import { MAX_PAGE_SIZE } from "../../limits.ts";
import type { Page } from "../../schema/core/connection.ts";
import type { ListPage } from "../../upstream/list-page.ts";

/** A Relay page. Its cursors are positions in the list. */
export type Connection<T> = Page<T> & { readonly totalCount: number };

/** Arguments of a connection, which can only be read forwards. */
export type ForwardArgs = {
  readonly first?: number;
  readonly after?: string;
};

/** A list that the REST API returns in numbered pages, from 1. */
export type PagedList<T> = {
  /** Distinguishes the cursors of this list from others. */
  readonly cursorPrefix: string;
  readonly defaultFirst: number;
  fetchPage(page: number, pageSize: number): Promise<ListPage<T>>;
};

/** Parse `first`. @throws {GatewayError} `BAD_USER_INPUT` */
export function parseFirst({ first }: ForwardArgs, fallback: number): number {
  const count = first ?? fallback;
  if (count >= 1 && count <= MAX_PAGE_SIZE) return count;
  throw createInputError([{ path: "first", message: `Expected a number from 1 to ${MAX_PAGE_SIZE}.` }]);
}

/** Create the `BAD_USER_INPUT` for text that is not a cursor of this list. */
export function createCursorError() {
  return createInputError([
    { path: "after", message: "Expected a cursor of this connection, as in pageInfo.endCursor." },
  ]);
}

function parseOffset({ after }: ForwardArgs, prefix: string): number {
  if (after === undefined) return 0;
  const text = Buffer.from(after, "base64url").toString();
  const position = text.startsWith(prefix) ? text.slice(prefix.length) : "";
  if (!/^\d{1,9}$/.test(position)) throw createCursorError();
  return Number(position) + 1;
}

/**
 * Find the smallest page size with which one page of the REST API has all wanted items. If the client does not
 * change `first`, there always is one.
 *
 * @returns null if two pages are needed
 */
function findPageSize(offset: number, count: number): number | null {
  for (let size = count; size <= MAX_PAGE_SIZE; size += 1) {
    if (Math.floor(offset / size) === Math.floor((offset + count - 1) / size)) return size;
  }
  return null;
}

async function fetchItems<T>(list: PagedList<T>, offset: number, count: number) {
  const single = findPageSize(offset, count);
  const size = single ?? count;
  const firstPage = Math.floor(offset / size) + 1;
  const numbers = single === null ? [firstPage, firstPage + 1] : [firstPage];
  const pages = await Promise.all(numbers.map((number) => list.fetchPage(number, size)));
  const start = offset - (firstPage - 1) * size;
  return {
    items: pages.flatMap((page) => page.items).slice(start, start + count),
    total: Math.max(...pages.map((page) => page.total)),
  };
}

function createCursor(prefix: string, position: number): string {
  return Buffer.from(`${prefix}${position}`).toString("base64url");
}

/** An item with its cursor, which many queries do not select. */
class Edge<T> {
  readonly node: T;
  readonly #createCursor: () => string;

  constructor(node: T, createOwnCursor: () => string) {
    this.node = node;
    this.#createCursor = createOwnCursor;
  }

  get cursor(): string {
    return this.#createCursor();
  }
}

/**
 * Fetch one page of a list, with one or two upstream calls. An item that could not be read is left out, and its
 * place still counts.
 *
 * @throws {GatewayError} `BAD_USER_INPUT` on `first` or `after`.
 */
export async function fetchOffsetConnection<T>(
  args: ForwardArgs,
  list: PagedList<T>,
): Promise<Connection<T>> {
  const first = parseFirst(args, list.defaultFirst);
  const offset = parseOffset(args, list.cursorPrefix);
  const { items, total } = await fetchItems(list, offset, first);
  const cursorAt = (index: number) => createCursor(list.cursorPrefix, offset + index);
  return {
    edges: items.flatMap((node, index) => (node === null ? [] : [new Edge(node, () => cursorAt(index))])),
    totalCount: total,
    pageInfo: {
      hasNextPage: offset + items.length < total && items.length > 0,
      hasPreviousPage: offset > 0,
      startCursor: items.length === 0 ? null : cursorAt(0),
      endCursor: items.length === 0 ? null : cursorAt(items.length - 1),
    },
  };
}
