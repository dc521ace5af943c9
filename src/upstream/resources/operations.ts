import { z } from "zod";
import type { CvmRef } from "../cvm-ref.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import {
  parseHexBytes,
  parseTimestamp,
  toInt,
  wireNumber,
  wireText,
  wireUnknown,
} from "../transport/wire-scalars.ts";
import { readPlaces, wireObject, wirePage } from "../transport/wire-tolerance.ts";

const operationObject = z.object({
  correlation_id: z.string(),
  operation_type: wireText,
  target_state: wireText,
  started_at: wireUnknown,
  completed_at: wireUnknown,
  duration_ms: wireNumber,
  status: wireText,
  error_message: wireText,
  compose_hash: wireText,
});

const operationWire = wireObject(operationObject.shape, toRow);

const pageWire = wireObject(
  { items: wirePage, next_cursor: wireText, total: wireNumber },
  ({ items, next_cursor: nextCursor = null, total }) => ({
    rows: readPlaces(operationWire, items),
    nextCursor,
    total: toInt(total),
  }),
);

function toRow(wire: z.output<typeof operationObject>) {
  return {
    correlationId: wire.correlation_id,
    type: wire.operation_type ?? null,
    targetState: wire.target_state ?? null,
    startedAt: parseTimestamp(wire.started_at),
    completedAt: parseTimestamp(wire.completed_at),
    durationMs: wire.duration_ms ?? null,
    rawStatus: wire.status ?? "unknown",
    errorMessage: wire.error_message ?? null,
    composeHash: parseHexBytes(wire.compose_hash),
  };
}

/** Record of one operation. Only this record shows whether and how the operation ended. */
type OperationRow = z.output<typeof operationWire>;

/** How an operation ended. */
type FinalStatus = "COMPLETED" | "FAILED";

/** Return how an operation ended; null while it runs, and for a status that the gateway does not know. */
export function toFinalStatus({ rawStatus }: OperationRow): FinalStatus | null {
  const status = rawStatus.toLowerCase();
  return status === "completed" ? "COMPLETED" : status === "failed" ? "FAILED" : null;
}

/** Page of the operations of a CVM, newest first. `total` is approximate. */
export type OperationPage = {
  /** Null for a row that could not be read. */
  readonly rows: readonly (OperationRow | null)[];
  readonly nextCursor: string | null;
  readonly total: number | null;
};

/** Row of an operation, and whether it is the newest of its CVM. */
export type FoundOperation = { readonly row: OperationRow; readonly newest: boolean };

/** Rows of one page while a correlation id is looked for. */
export const SEARCH_PAGE_SIZE = 50;

/** The most pages that are read while a correlation id is looked for. */
export const SEARCH_PAGES = 6;

/** Where a page of operations starts, null for the newest, and its most rows, 1 to 500. */
export type OperationPageRequest = { readonly cursor: string | null; readonly limit: number };

/** Fetch a page of operations: `GET /cvms/{id}/operations`. */
export async function fetchOperationPage(
  upstream: Upstream,
  ref: CvmRef,
  { cursor, limit }: OperationPageRequest,
): Promise<OperationPage> {
  const reply = await upstream.send({
    method: "GET",
    path: ["cvms", ref, "operations"],
    query: { limit, ...(cursor === null ? {} : { cursor }) },
    accept: [200],
    effect: "read",
  });
  return decodeJson(reply, pageWire);
}

/**
 * Find operations among the latest 300 of a CVM.
 *
 * @returns the operations that were found, by correlation id
 */
export async function findOperations(
  upstream: Upstream,
  ref: CvmRef,
  correlationIds: readonly string[],
): Promise<ReadonlyMap<string, FoundOperation>> {
  const found = new Map<string, FoundOperation>();
  let cursor: string | null = null;
  for (let page = 0; page < SEARCH_PAGES; page += 1) {
    const { rows, nextCursor }: OperationPage = await fetchOperationPage(upstream, ref, {
      cursor,
      limit: SEARCH_PAGE_SIZE,
    });
    for (const [index, row] of rows.entries()) {
      if (row !== null && correlationIds.includes(row.correlationId)) {
        found.set(row.correlationId, { row, newest: page === 0 && index === 0 });
      }
    }
    if (found.size === correlationIds.length || nextCursor === null || nextCursor === cursor) break;
    cursor = nextCursor;
  }
  return found;
}
