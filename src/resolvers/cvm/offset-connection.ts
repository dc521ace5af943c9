import { createInputError } from "../../errors.ts";

/** A Relay page. Edge cursors hold positions in the list. */
export type Connection<T> = {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly totalCount: number;
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
};

/** The arguments of a connection that is read forwards. */
export type ForwardArgs = {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
};

/** A list that the REST API gives page by page; pages count from 1. */
export type PagedList<T> = {
  /** Tells this list's cursors from those of others. */
  readonly cursorPrefix: string;
  readonly defaultFirst: number;
  readPage(page: number, pageSize: number): Promise<{ readonly items: readonly T[]; readonly total: number }>;
};

/** The largest `first`, which is the REST API's largest page too. */
const MAX_PAGE_SIZE = 100;

/** Reads `first`. @throws {GatewayError} `BAD_USER_INPUT` */
export function readFirst({ first }: ForwardArgs, fallback: number): number {
  const count = first ?? fallback;
  if (count >= 1 && count <= MAX_PAGE_SIZE) return count;
  throw createInputError([{ path: "first", message: `Expected 1 to ${MAX_PAGE_SIZE}.` }]);
}

/** The `BAD_USER_INPUT` for a cursor of another list, or of none. */
export function createCursorError() {
  return createInputError([{ path: "after", message: "Expected a cursor that this connection gave out." }]);
}

function readOffset({ after }: ForwardArgs, prefix: string): number {
  if (after === null || after === undefined) return 0;
  const text = Buffer.from(after, "base64url").toString();
  const position = text.startsWith(prefix) ? text.slice(prefix.length) : "";
  if (!/^\d{1,9}$/.test(position)) throw createCursorError();
  return Number(position) + 1;
}

/**
 * The smallest page size with which one page of the REST API covers the wanted stretch. A client that keeps
 * its `first` always finds one; after a change of `first` there may be none.
 */
function findPageSize(offset: number, count: number): number | null {
  for (let size = count; size <= MAX_PAGE_SIZE; size += 1) {
    if (Math.floor(offset / size) === Math.floor((offset + count - 1) / size)) return size;
  }
  return null;
}

async function readStretch<T>(list: PagedList<T>, offset: number, count: number) {
  const single = findPageSize(offset, count);
  const size = single ?? count;
  const firstPage = Math.floor(offset / size) + 1;
  const numbers = single === null ? [firstPage, firstPage + 1] : [firstPage];
  const pages = await Promise.all(numbers.map((number) => list.readPage(number, size)));
  const start = offset - (firstPage - 1) * size;
  return {
    items: pages.flatMap((page) => page.items).slice(start, start + count),
    total: Math.max(...pages.map((page) => page.total)),
  };
}

/**
 * Reads one page of a list, with one upstream call or two.
 *
 * @throws {GatewayError} `BAD_USER_INPUT` on `first` or `after`.
 */
export async function readOffsetConnection<T>(args: ForwardArgs, list: PagedList<T>): Promise<Connection<T>> {
  const first = readFirst(args, list.defaultFirst);
  const offset = readOffset(args, list.cursorPrefix);
  const { items, total } = await readStretch(list, offset, first);
  const edges = items.map((node, index) => ({
    cursor: Buffer.from(`${list.cursorPrefix}${offset + index}`).toString("base64url"),
    node,
  }));
  return {
    edges,
    totalCount: total,
    pageInfo: {
      hasNextPage: offset + items.length < total && items.length > 0,
      hasPreviousPage: offset > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
