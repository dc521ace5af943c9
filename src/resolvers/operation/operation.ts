import type { Context } from "../../context.ts";
import { createInputError } from "../../errors.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import { type FoundOperation, findOperations, SEARCH_PAGES } from "../../upstream/resources/operations.ts";
import type { LiveState } from "../../upstream/resources/status-batch.ts";
import { findCvm, readLiveState } from "../cvm/cvm.ts";
import { readCvmRef } from "../cvm/cvm-ref-argument.ts";
import { type InProgress, readCorrelationId } from "../write/write-result.ts";
import { isCorrelationId, parseOperationId } from "./operation-id.ts";
import { describeOperation, hasEnded, type Operation } from "./status.ts";

/** How soon asking again about an operation makes sense of which nothing is known, milliseconds. */
const UNKNOWN_POLL_MS = 5_000;

/** The most upstream calls that finding an operation sends: CVM, history and live state. */
export const OPERATION_CALLS = 1 + SEARCH_PAGES + 1;

/** The live state where the node can be asked: it only adds to what the history says. */
async function readLiveOrNothing(ctx: Context, cvm: Cvm): Promise<LiveState | null> {
  try {
    return await readLiveState(ctx, cvm);
  } catch {
    return null;
  }
}

/** Describes rows of one CVM's history. The live state is read only where one of them still runs. */
export async function describeRows(
  ctx: Context,
  cvm: Cvm,
  rows: readonly (FoundOperation | string)[],
): Promise<Operation[]> {
  const describe = (entry: FoundOperation | string, live: LiveState | null) =>
    typeof entry === "string"
      ? describeOperation({ cvm, correlationId: entry, found: null, live, toldPercent: 0 })
      : describeOperation({
          cvm,
          correlationId: entry.row.correlationId,
          found: entry,
          live,
          toldPercent: 0,
        });
  const isOpen = (entry: FoundOperation | string) => {
    const { status, errorMessage } = describe(entry, null);
    return !hasEnded({ status }) || (status === "FAILED" && errorMessage === null);
  };
  const live = rows.some(isOpen) ? await readLiveOrNothing(ctx, cvm) : null;
  return rows.map((entry) => describe(entry, live));
}

/** Finds an operation of a CVM. @returns null when the caller has no such CVM. */
async function findOperation(ctx: Context, ref: CvmRef, correlationId: string): Promise<Operation | null> {
  const cvm = await findCvm(ctx, ref);
  if (cvm === null) return null;
  const found = await findOperations(ctx.upstream, cvm.id, [correlationId]);
  const [operation] = await describeRows(ctx, cvm, [found.get(correlationId) ?? correlationId]);
  return operation ?? null;
}

/** Reads a correlation id of an argument. @throws {GatewayError} `BAD_USER_INPUT` */
export function readCorrelationIdArg(text: string): string {
  if (isCorrelationId(text)) return text;
  throw createInputError([{ path: "correlationId", message: "Expected a correlation id." }]);
}

/** Finds an operation by any identifier of its CVM. @throws {GatewayError} `BAD_USER_INPUT` */
export function findOperationByIds(
  ctx: Context,
  args: { readonly cvmId: string; readonly correlationId: string },
): Promise<Operation | null> {
  return findOperation(ctx, readCvmRef(args.cvmId, "cvmId"), readCorrelationIdArg(args.correlationId));
}

/** Finds the operation of a global id. @returns null for an id of another kind. */
export async function findOperationNode(ctx: Context, id: string): Promise<Operation | null> {
  const key = parseOperationId(id);
  return key === null ? null : findOperation(ctx, key.cvmId, key.correlationId);
}

/** The operation that a write began. @returns null where nothing changes or the REST API names none. */
export async function findResultOperation(ctx: Context, result: InProgress): Promise<Operation | null> {
  const correlationId = await readCorrelationId(ctx, result);
  return correlationId === null ? null : findOperation(ctx, result.cvmRef, correlationId);
}

/** When asking again makes sense, in milliseconds from now; null once the operation has ended. */
export function computePollAfter(ctx: Context, operation: Operation): number | null {
  if (hasEnded(operation)) return null;
  return operation.status === "UNKNOWN" ? UNKNOWN_POLL_MS : ctx.watches.intervalMs;
}
