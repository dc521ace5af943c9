import type { Context } from "../../context.ts";
import { defaultPageSizes, MAX_PAGE_SIZE } from "../../limits.ts";
import type { Page } from "../../schema/core/connection.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import type { Loaders } from "../../upstream/loaders.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import type { OperationPage, OperationPageRequest } from "../../upstream/resources/operations.ts";
import { createCursorError, type ForwardArgs, parseFirst } from "../cvm/offset-connection.ts";
import { describeOperations, type KnownOperation } from "./operation.ts";
import type { Operation } from "./status.ts";

const CURSOR_PREFIX = "ops:";

/** The most pages of the history that are read to find the position of `after`. */
export const MAX_PAGES = 5;

/** A Relay page of operations. The REST API only estimates the total count. */
export type OperationConnection = Page<Operation> & { readonly totalCount: number | null };

/**
 * Position in the history: after the operation `correlationId` of the REST API's page `page`, or at the start of
 * that page.
 */
type Position = { readonly page: string | null; readonly correlationId: string | null };

function formatCursor({ page, correlationId }: Position): string {
  return Buffer.from(`${CURSOR_PREFIX}${JSON.stringify([page, correlationId])}`).toString("base64url");
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

function parseCursor({ after }: ForwardArgs): Position {
  if (after === undefined) return { page: null, correlationId: null };
  const text = Buffer.from(after, "base64url").toString();
  try {
    const parts: unknown = text.startsWith(CURSOR_PREFIX)
      ? JSON.parse(text.slice(CURSOR_PREFIX.length))
      : null;
    const [page, correlationId]: unknown[] = Array.isArray(parts) ? parts : [0];
    if (isTextOrNull(page) && isTextOrNull(correlationId)) return { page, correlationId };
  } catch {
    // Not a cursor of this connection.
  }
  throw createCursorError();
}

/** An operation of the history with its cursor. */
type Entry = KnownOperation & { readonly cursor: string };

/** Pair each row with its cursor. The cursor of the last row is the start of the next page. */
function listEntries({ rows, nextCursor }: OperationPage, page: string | null): Entry[] {
  const last = rows.findLastIndex((row) => row !== null);
  return rows.flatMap((row, index) => {
    if (row === null) return [];
    const { correlationId } = row;
    const startsNextPage = index === last && nextCursor !== null;
    const position = startsNextPage ? { page: nextCursor, correlationId: null } : { page, correlationId };
    return [
      {
        correlationId,
        found: { row, newest: page === null && index === 0 },
        cursor: formatCursor(position),
      },
    ];
  });
}

/** What was read of the history: at least the wanted operations, if there are so many. */
type Stretch = {
  readonly entries: readonly Entry[];
  readonly hasMore: boolean;
  readonly total: number | null;
};

/** Return the request of the page of a position. `wanted` operations are enough if it is the start of the page. */
function toPageRequest({ page, correlationId }: Position, wanted: number): OperationPageRequest {
  return { cursor: page, limit: correlationId === null ? wanted : MAX_PAGE_SIZE };
}

/**
 * Fetch `first` operations from a position. The operation of the position can have moved to a later page, so
 * pages are read until it is found.
 */
async function fetchStretch(ctx: Context, cvm: Cvm, position: Position, first: number): Promise<Stretch> {
  const isStart = position.page === null && position.correlationId === null;
  const maxPages = isStart ? 1 : MAX_PAGES;
  const entries: Entry[] = [];
  let { page, correlationId: before } = position;
  let total: number | null = null;
  let hasMore = false;
  for (let count = 0; count < maxPages; count += 1) {
    const request = toPageRequest({ page, correlationId: before }, first - entries.length);
    const answer = await ctx.loaders.operationPage(cvm.id, request);
    const listed = listEntries(answer, page);
    const start = before === null ? 0 : listed.findIndex((entry) => entry.correlationId === before) + 1;
    if (before === null || start > 0) {
      before = null;
      entries.push(...listed.slice(start));
    }
    total ??= answer.total;
    hasMore = entries.length > first || answer.nextCursor !== null;
    if (answer.nextCursor === null || entries.length >= first) break;
    page = answer.nextCursor;
  }
  if (before !== null) throw createCursorError();
  return { entries: entries.slice(0, first), hasMore, total };
}

/**
 * Send the first read of {@link listOperationConnection} ahead. The others depend on its answer.
 *
 * @throws {GatewayError} `BAD_USER_INPUT` on `first` or `after`
 */
export function readOperationsAhead(loaders: Loaders, ref: CvmRef, args: ForwardArgs): void {
  const first = parseFirst(args, defaultPageSizes.operations);
  void loaders.operationPage(ref, toPageRequest(parseCursor(args), first), "ahead");
}

/**
 * Fetch one page of a CVM's operations, newest first. A cursor names an operation and not a number, so
 * operations that start between two pages do not shift the list.
 *
 * @throws {GatewayError} `BAD_USER_INPUT` on `first` or `after`
 */
export async function listOperationConnection(
  ctx: Context,
  cvm: Cvm,
  args: ForwardArgs,
): Promise<OperationConnection> {
  const first = parseFirst(args, defaultPageSizes.operations);
  const position = parseCursor(args);
  const { entries, hasMore, total } = await fetchStretch(ctx, cvm, position, first);
  const operations = await describeOperations(ctx, cvm, entries);
  const edges = operations.map((node, index) => ({ cursor: entries[index]?.cursor ?? "", node }));
  return {
    edges,
    totalCount: total,
    pageInfo: {
      hasNextPage: hasMore,
      hasPreviousPage: position.page !== null || position.correlationId !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
