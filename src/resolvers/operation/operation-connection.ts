import type { Context } from "../../context.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import {
  type FoundOperation,
  fetchOperationPage,
  type OperationPage,
} from "../../upstream/resources/operations.ts";
import { type Connection, createCursorError, type ForwardArgs, readFirst } from "../cvm/offset-connection.ts";
import { describeRows } from "./operation.ts";
import type { Operation } from "./status.ts";

const DEFAULT_FIRST = 20;
const CURSOR_PREFIX = "ops:";

/** The most pages of the history that are read to find the place of `after`. */
export const MAX_PAGES = 5;

/** A Relay page of operations. The REST API only estimates the total count. */
export type OperationConnection = Omit<Connection<Operation>, "totalCount"> & {
  readonly totalCount: number | null;
};

/** Where an edge stands: in the REST API's page that begins at `page`, or just before that page. */
type Place = { readonly page: string | null; readonly correlationId: string | null };

function formatCursor({ page, correlationId }: Place): string {
  return Buffer.from(`${CURSOR_PREFIX}${JSON.stringify([page, correlationId])}`).toString("base64url");
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

function parseCursor({ after }: ForwardArgs): Place {
  if (after === null || after === undefined) return { page: null, correlationId: null };
  const text = Buffer.from(after, "base64url").toString();
  try {
    const parts: unknown = text.startsWith(CURSOR_PREFIX)
      ? JSON.parse(text.slice(CURSOR_PREFIX.length))
      : null;
    const [page, correlationId]: unknown[] = Array.isArray(parts) ? parts : [0];
    if (isTextOrNull(page) && isTextOrNull(correlationId)) return { page, correlationId };
  } catch {
    // Falls through: not one of ours.
  }
  throw createCursorError();
}

type Entry = { readonly found: FoundOperation; readonly cursor: string };

/** A page whose edges can be gone on after: the last one by the REST API's own cursor. */
function listEntries({ rows, nextCursor }: OperationPage, page: string | null): Entry[] {
  return rows.map((row, index) => ({
    found: { row, newest: page === null && index === 0 },
    cursor: formatCursor(
      index === rows.length - 1 && nextCursor !== null
        ? { page: nextCursor, correlationId: null }
        : { page, correlationId: row.correlationId },
    ),
  }));
}

/**
 * Reads one page of a CVM's operations, newest first. Goes on after a row and not after a number, so that
 * operations that begin in between shift nothing.
 *
 * @throws {GatewayError} `BAD_USER_INPUT` on `first` or `after`.
 */
export async function listOperationConnection(
  ctx: Context,
  cvm: Cvm,
  args: ForwardArgs,
): Promise<OperationConnection> {
  const first = readFirst(args, DEFAULT_FIRST);
  const place = parseCursor(args);
  const entries: Entry[] = [];
  let { page, correlationId: before } = place;
  let more = false;
  let total: number | null = null;
  const maxPages = args.after ? MAX_PAGES : 1;
  for (let count = 0; count < maxPages; count += 1) {
    const limit = before === null ? first - entries.length : 100;
    const answer = await fetchOperationPage(ctx.upstream, cvm.id, page, limit);
    const listed = listEntries(answer, page);
    const start =
      before === null ? 0 : listed.findIndex(({ found }) => found.row.correlationId === before) + 1;
    if (before === null || start > 0) {
      before = null;
      entries.push(...listed.slice(start));
    }
    total ??= answer.total;
    more = entries.length > first || answer.nextCursor !== null;
    if (answer.nextCursor === null || entries.length >= first) break;
    page = answer.nextCursor;
  }
  if (before !== null) throw createCursorError();
  const shown = entries.slice(0, first);
  const operations = await describeRows(
    ctx,
    cvm,
    shown.map(({ found }) => found),
  );
  const edges = operations.map((node, index) => ({ cursor: shown[index]?.cursor ?? "", node }));
  return {
    edges,
    totalCount: total,
    pageInfo: {
      hasNextPage: more,
      hasPreviousPage: place.page !== null || place.correlationId !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
