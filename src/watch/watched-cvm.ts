import { isDeepStrictEqual } from "node:util";
import type { Cvm } from "../upstream/resources/cvms.ts";
import { type FoundOperation, toFinalStatus } from "../upstream/resources/operations.ts";
import type { LiveState } from "../upstream/resources/status-batch.ts";
import type { LatestValue } from "./latest-value.ts";
import type { SharedCvm } from "./shared-cvm.ts";

/** What a watch read last. `operation` is the row of the operation that the subscriber asked for. */
export type Observation = {
  readonly cvm: Cvm;
  readonly live: LiveState;
  readonly operation: FoundOperation | null;
  /** Whether the history was read and does not have the operation. */
  readonly isMissing: boolean;
  /** The object of the CVM, which all subscribers share. */
  readonly shared: SharedCvm;
};

/** One subscriber. */
export type Viewer = {
  /** The operation that the subscriber follows; null when it follows the live state. */
  readonly correlationId: string | null;
  readonly values: LatestValue<Observation>;
  /** Whether the subscriber has received a value. */
  hasBegun: boolean;
};

/** An operation that at least one subscriber follows. */
export type WatchedOperation = {
  found: FoundOperation | null;
  /** Whether its row was looked up at least once. */
  isLookedUp: boolean;
  /** Whether the last lookup succeeded and found no row. */
  isMissing: boolean;
  /** Whether the last live state named it as the running operation. */
  isRunning: boolean;
  /** Number of lookups since something changed. */
  lookups: number;
  /** Number of the poll that looks it up next. */
  nextLookup: number;
};

/** A CVM that at least one subscriber follows. */
export type WatchedCvm = {
  cvm: Cvm;
  live: LiveState | null;
  /** When `live` was read, on the clock of `performance.now()`, in milliseconds. */
  readAt: number;
  readonly shared: SharedCvm;
  readonly viewers: Set<Viewer>;
  readonly operations: Map<string, WatchedOperation>;
  /** Whether a read of this CVM alone is running. */
  isBusy: boolean;
  /** Number of lookups since the batch last contained the CVM. */
  lookups: number;
  /** Number of the poll that looks the CVM up next. */
  nextLookup: number;
};

/** Longest pause between two lookups of something that may never change, in polls. */
const MAX_PAUSE_TICKS = 8;

/** Create the record of a CVM without subscribers. */
export function createWatchedCvm(cvm: Cvm, shared: SharedCvm): WatchedCvm {
  return {
    cvm,
    live: null,
    readAt: 0,
    shared,
    viewers: new Set(),
    operations: new Map(),
    isBusy: false,
    lookups: 0,
    nextLookup: 0,
  };
}

/** Create the record of an operation that was not looked up yet. */
export function createWatchedOperation(): WatchedOperation {
  return { found: null, isLookedUp: false, isMissing: false, isRunning: false, lookups: 0, nextLookup: 0 };
}

/** Compute the number of the poll that looks something up again. The pause doubles with each lookup. */
export function computeNextTick(tick: number, lookups: number): number {
  return tick + Math.min(2 ** lookups, MAX_PAUSE_TICKS);
}

/** Whether two live states differ in more than the meters, which change with every poll. */
export function hasChanged(one: LiveState | null, other: LiveState | null): boolean {
  if (one === null || other === null) return one !== other;
  const meters = { uptime: null, resourceUsage: null };
  return !isDeepStrictEqual({ ...one, ...meters }, { ...other, ...meters });
}

/** Whether a change of the live state is the start of an operation, or happened after the end of one. */
function mayHaveChangedCvm(before: LiveState | null, live: LiveState): boolean {
  if (before === null) return false;
  return !live.inProgress || before.operation?.correlationId !== live.operation?.correlationId;
}

/** Whether the row of an operation is final. */
function hasEnded({ found }: WatchedOperation): boolean {
  return found !== null && toFinalStatus(found.row) !== null;
}

/**
 * Store a new live state.
 *
 * @returns the correlation ids of the operations whose rows must be read: new ones, those that the node no
 * longer runs, and those that the node never named and that may have changed
 */
export function updateLiveState(watched: WatchedCvm, live: LiveState, tick: number): string[] {
  const changed = hasChanged(watched.live, live);
  if (changed && mayHaveChangedCvm(watched.live, live)) watched.shared.invalidate();
  watched.live = live;
  watched.readAt = performance.now();
  return [...watched.operations].flatMap(([correlationId, operation]) => {
    const isRunning = live.operation?.correlationId === correlationId;
    const hasStopped = operation.isRunning && !isRunning;
    operation.isRunning = isRunning;
    if (hasStopped || changed) Object.assign(operation, { lookups: 0, nextLookup: tick });
    const isOverdue = !isRunning && !hasEnded(operation) && tick >= operation.nextLookup;
    return !operation.isLookedUp || isOverdue ? [correlationId] : [];
  });
}

/** Forget that operations were missing, until a new lookup succeeds. */
export function forgetMissing(watched: WatchedCvm, ids: readonly string[]): void {
  for (const id of ids) {
    const operation = watched.operations.get(id);
    if (operation !== undefined) operation.isMissing = false;
  }
}

/** Store rows that were read. @returns whether one of them is new or has changed */
export function updateOperations(
  watched: WatchedCvm,
  ids: readonly string[],
  rows: ReadonlyMap<string, FoundOperation>,
): boolean {
  let changed = false;
  for (const id of ids) {
    const operation = watched.operations.get(id);
    const found = rows.get(id);
    if (operation === undefined) continue;
    operation.isMissing = found === undefined && operation.found === null;
    if (found === undefined) continue;
    changed ||= !isDeepStrictEqual(found, operation.found);
    operation.found = found;
  }
  if (changed) watched.shared.invalidate();
  return changed;
}

/** Record that rows were looked up, found or not, and plan the next lookup. */
export function planOperationReads(watched: WatchedCvm, ids: readonly string[], tick: number): void {
  for (const id of ids) {
    const operation = watched.operations.get(id);
    if (operation === undefined) continue;
    operation.isLookedUp = true;
    operation.nextLookup = computeNextTick(tick, operation.lookups);
    operation.lookups += 1;
  }
}

/** Send the current state to a subscriber, once everything that it asked for was read. */
export function sendCurrent({ cvm, live, operations, shared }: WatchedCvm, viewer: Viewer): void {
  const operation = viewer.correlationId === null ? null : operations.get(viewer.correlationId);
  if (live === null || (operation !== null && !operation?.isLookedUp)) return;
  viewer.hasBegun = true;
  viewer.values.push({
    cvm,
    live,
    operation: operation?.found ?? null,
    isMissing: operation?.isMissing ?? false,
    shared,
  });
}

/** Live state of a CVM that no node reports, as far as the database of the REST API knows it. */
export function toUnreportedState({ rawStatus, inProgress, progress }: Cvm): LiveState {
  return {
    rawStatus,
    uptime: null,
    inProgress,
    bootProgress: null,
    bootError: null,
    shutdownProgress: null,
    events: [],
    operation:
      progress === null
        ? null
        : { type: null, phase: null, startedAt: progress.startedAt, correlationId: progress.correlationId },
    resourceUsage: null,
  };
}
