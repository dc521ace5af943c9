import type { Hono } from "hono";
import { z } from "zod";
import { cancelOperation, refreshState } from "../../cvm/operation.ts";
import { plainError } from "../../http/api-error.ts";
import type { ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { parseQuery } from "../../http/validation.ts";
import { describeOperation } from "../../wire/operation.ts";
import type { World } from "../../world.ts";

const operationsQuery = z.looseObject({
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  start_time: z.iso.datetime({ offset: true }).optional(),
  end_time: z.iso.datetime({ offset: true }).optional(),
  operation_types: z
    .union([z.string(), z.array(z.string())])
    .transform((types) => (typeof types === "string" ? [types] : types))
    .optional(),
});

/** Register the reads of the operations of a CVM, and the cancellation of the running one. */
export function registerCvmOperations(app: Hono<ApiEnv>, world: World): void {
  app.get("/cvms/:id/operations", (c) => {
    const query = parseQuery(operationsQuery, c.req.url);
    const cvm = c.get("cvm");
    const from = query.start_time === undefined ? Number.NEGATIVE_INFINITY : Date.parse(query.start_time);
    const to = query.end_time === undefined ? Number.POSITIVE_INFINITY : Date.parse(query.end_time);
    const matching = cvm.operations
      .filter(({ startedAt, type }) => {
        const wanted = query.operation_types?.includes(type) ?? true;
        return wanted && startedAt >= from && startedAt <= to;
      })
      .reverse();
    // The cursor is the last operation of the previous page, so that new operations do not shift the pages.
    const seen = matching.findIndex((operation) => operation.correlationId === query.cursor);
    if (query.cursor !== undefined && seen < 0)
      throw plainError(400, "The cursor does not belong to this list. Start again without a cursor.");
    const items = matching.slice(seen + 1, seen + 1 + query.limit);
    const more = seen + 1 + items.length < matching.length;
    return jsonResponse(200, {
      items: items.map((operation) =>
        describeOperation(c.get("workspace"), cvm, operation, world.clock.now()),
      ),
      next_cursor: more ? (items.at(-1)?.correlationId ?? null) : null,
      total: matching.length,
    });
  });

  app.post("/cvms/:id/operations/cancel", (c) => {
    const cvm = c.get("cvm");
    const { operation } = refreshState(cvm, world.clock.now());
    if (operation === null) return jsonResponse(200, { cancelled: false, correlation_id: null });
    if (operation.type === "create") throw plainError(409, "Cannot cancel this operation type");
    cancelOperation(cvm, world.clock.now());
    return jsonResponse(200, { cancelled: true, correlation_id: operation.correlationId });
  });

  app.get("/cvms/:id/operation-status", (c) => {
    const cvm = c.get("cvm");
    const { operation, ...state } = refreshState(cvm, world.clock.now());
    if (operation === null) return jsonResponse(200, { status: "idle", operation: null });
    return jsonResponse(200, {
      status: "in_progress",
      operation: describeOperation(c.get("workspace"), cvm, operation, world.clock.now()),
      task: { status: state.status, boot_progress: state.bootProgress },
    });
  });
}
