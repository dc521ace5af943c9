import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../../context.ts";
import { createInputError } from "../../errors.ts";
import { type CvmRef, isOwnId } from "../../upstream/cvm-ref.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import { type FoundOperation, findOperations, SEARCH_PAGES } from "../../upstream/resources/operations.ts";
import type { LiveState } from "../../upstream/resources/status-batch.ts";
import { fetchLiveState, findCvm } from "../cvm/cvm.ts";
import { parseCvmRefArgument } from "../cvm/cvm-ref-argument.ts";
import { readOperationAhead } from "../cvm/look-ahead.ts";
import { fetchCorrelationId } from "../write/in-progress.ts";
import type { InProgress } from "../write/types.ts";
import { hasOperationPrefix, isCorrelationId, parseOperationId } from "./operation-id.ts";
import { describeOperation, hasEnded, type Operation } from "./status.ts";

/** Poll interval for an operation with the status UNKNOWN, in milliseconds. */
const UNKNOWN_POLL_MS = 5_000;

/** The most upstream calls for finding an operation: CVM, history and live state. */
export const OPERATION_CALLS = 1 + SEARCH_PAGES + 1;

/** Fetch the live state, or return null if that fails. It only adds detail to the history. */
async function fetchLiveStateOrNull(ctx: Context, cvm: Cvm): Promise<LiveState | null> {
  try {
    return await fetchLiveState(ctx, cvm);
  } catch {
    return null;
  }
}

/** An operation before its live state is known. `found` is null if the history has no row of it. */
export type KnownOperation = { readonly correlationId: string; readonly found: FoundOperation | null };

/** Whether the live state can add to an operation: it has not ended, or it failed without a message. */
function needsLiveState(operation: Operation): boolean {
  return !hasEnded(operation) || (operation.status === "FAILED" && operation.errorMessage === null);
}

/** Describe operations of one CVM. The live state is fetched only if it can add to one of them. */
export async function describeOperations(
  ctx: Context,
  cvm: Cvm,
  operations: readonly KnownOperation[],
): Promise<Operation[]> {
  const describe = (live: LiveState | null) =>
    operations.map((operation) => describeOperation({ cvm, live, reportedPercent: 0, ...operation }));
  const recorded = describe(null);
  return recorded.some(needsLiveState) ? describe(await fetchLiveStateOrNull(ctx, cvm)) : recorded;
}

/** An operation that is to be found: the identifier of its CVM, and its correlation id. */
type WantedOperation = { readonly ref: CvmRef; readonly correlationId: string };

type History = ReadonlyMap<string, FoundOperation>;

/** Start to search the history in parallel with the read of the CVM. @returns null if the CVM's own id is not known */
function searchAhead(ctx: Context, { ref, correlationId }: WantedOperation): Promise<History> | null {
  if (!isOwnId(ref)) return null;
  const history = findOperations(ctx.upstream, ref, [correlationId]);
  // If the CVM does not exist, nobody waits for its history.
  history.catch(() => undefined);
  return history;
}

/**
 * Find an operation of a CVM.
 *
 * @param info - of the resolver of the field that selects the operation. Null right after its write: the history is
 *   then read last, because the operation becomes visible late
 * @returns null if the caller has no such CVM
 */
async function findOperation(
  ctx: Context,
  wanted: WantedOperation,
  info: GraphQLResolveInfo | null,
): Promise<Operation | null> {
  const { ref, correlationId } = wanted;
  const reading = findCvm(ctx, ref);
  const ahead = info && searchAhead(ctx, wanted);
  if (info !== null) readOperationAhead(ctx, ref, info);
  const cvm = await reading;
  if (cvm === null) return null;
  const rows = await (ahead ?? findOperations(ctx.upstream, cvm.id, [correlationId]));
  const found = rows.get(correlationId) ?? null;
  const [operation] = await describeOperations(ctx, cvm, [{ correlationId, found }]);
  return operation ?? null;
}

/** Parse the argument `correlationId`. @throws {GatewayError} `BAD_USER_INPUT` */
export function parseCorrelationId(text: string): string {
  if (isCorrelationId(text)) return text;
  throw createInputError([
    {
      path: "correlationId",
      message:
        "Expected the correlationId that a write returned: 1 to 128 letters, digits, hyphens and underscores.",
    },
  ]);
}

/**
 * Find an operation that the caller follows by polling. An operation without any trace is UNKNOWN for a while.
 *
 * @throws {GatewayError} `NOT_FOUND` after a minute without a trace
 */
async function followOperation(
  ctx: Context,
  wanted: WantedOperation,
  info: GraphQLResolveInfo,
): Promise<Operation | null> {
  const operation = await findOperation(ctx, wanted, info);
  if (operation === null) return null;
  const followed = { caller: ctx.credential, cvmId: operation.cvmId, correlationId: wanted.correlationId };
  if (operation.status === "UNKNOWN") ctx.watches.untraced.note(followed);
  else ctx.watches.untraced.forget(followed);
  return operation;
}

/**
 * Find an operation by any identifier of its CVM.
 *
 * @throws {GatewayError} `BAD_USER_INPUT` for an id that cannot exist; `NOT_FOUND` after a minute without a trace
 */
export function findOperationByIds(
  ctx: Context,
  args: { readonly cvmId: string; readonly correlationId: string },
  info: GraphQLResolveInfo,
): Promise<Operation | null> {
  const ref = parseCvmRefArgument(args.cvmId, "cvmId");
  return followOperation(ctx, { ref, correlationId: parseCorrelationId(args.correlationId) }, info);
}

/**
 * Find an operation by its global id.
 *
 * @param path - path of the id in the arguments, for errors
 * @returns null for an id of another type
 * @throws {GatewayError} `BAD_USER_INPUT` for an operation that cannot exist; `NOT_FOUND` after a minute without
 *   a trace
 */
export async function findOperationNode(
  ctx: Context,
  id: string,
  path: string,
  info: GraphQLResolveInfo,
): Promise<Operation | null> {
  const key = parseOperationId(id);
  if (key !== null) {
    return followOperation(ctx, { ref: key.cvmId, correlationId: key.correlationId }, info);
  }
  if (!hasOperationPrefix(id)) return null;
  throw createInputError([{ path, message: "Expected the id of an operation that this API returned." }]);
}

/** Find the operation that a write started. @returns null if nothing changed, or the REST API does not name it. */
export async function findResultOperation(ctx: Context, result: InProgress): Promise<Operation | null> {
  const correlationId = await fetchCorrelationId(ctx, result);
  return correlationId === null ? null : findOperation(ctx, { ref: result.cvmRef, correlationId }, null);
}

/** Return the wait before the next poll, in milliseconds. Null if the operation has ended. */
export function computePollAfter(ctx: Context, operation: Operation): number | null {
  if (hasEnded(operation)) return null;
  return operation.status === "UNKNOWN" ? UNKNOWN_POLL_MS : ctx.watches.intervalMs;
}
