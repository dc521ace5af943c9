import type { Context } from "../context.ts";
import { createInputError } from "../errors.ts";
import type { Cvm } from "../upstream/cvms.ts";

/** The REST API's largest page. */
const MAX_PAGE_SIZE = 100;
const DEFAULT_PAGE_SIZE = 30;
const CURSOR_PREFIX = "cvm:";

/** A Relay page of CVMs. Edge cursors hold positions in the list. */
export type CvmConnection = {
  readonly edges: readonly { readonly cursor: string; readonly node: Cvm }[];
  readonly totalCount: number;
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
};

function writeCursor(position: number): string {
  return Buffer.from(`${CURSOR_PREFIX}${position}`).toString("base64url");
}

function readOffset(after: string | null | undefined): number {
  if (after === null || after === undefined) return 0;
  const text = Buffer.from(after, "base64url").toString();
  const position = text.startsWith(CURSOR_PREFIX) ? text.slice(CURSOR_PREFIX.length) : "";
  if (!/^\d{1,9}$/.test(position)) {
    throw createInputError([{ path: "after", message: "Expected a cursor that this connection gave out." }]);
  }
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

async function readStretch(ctx: Context, offset: number, count: number) {
  const single = findPageSize(offset, count);
  const size = single ?? count;
  const firstPage = Math.floor(offset / size) + 1;
  const numbers = single === null ? [firstPage, firstPage + 1] : [firstPage];
  const pages = await Promise.all(numbers.map((number) => ctx.loaders.cvmPage(number, size)));
  const start = offset - (firstPage - 1) * size;
  return {
    items: pages.flatMap((page) => page.items).slice(start, start + count),
    total: Math.max(...pages.map((page) => page.total)),
  };
}

/** Reads one page of the caller's CVMs. @throws {GatewayError} `BAD_USER_INPUT` on `first` or `after`. */
export async function listCvmConnection(
  ctx: Context,
  args: { readonly first?: number | null | undefined; readonly after?: string | null | undefined },
): Promise<CvmConnection> {
  const first = args.first ?? DEFAULT_PAGE_SIZE;
  if (first < 1 || first > MAX_PAGE_SIZE) {
    throw createInputError([{ path: "first", message: `Expected 1 to ${MAX_PAGE_SIZE}.` }]);
  }
  const offset = readOffset(args.after);
  const { items, total } = await readStretch(ctx, offset, first);
  const edges = items.map((node, index) => ({ cursor: writeCursor(offset + index), node }));
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
