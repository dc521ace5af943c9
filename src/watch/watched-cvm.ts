import { isDeepStrictEqual } from "node:util";
import type { Cvm } from "../upstream/resources/cvms.ts";
import type { FoundOperation } from "../upstream/resources/operations.ts";
import type { LiveState } from "../upstream/resources/status-batch.ts";
import type { LatestValue } from "./latest-value.ts";

/** What a watch saw last. `operation` is the row of the operation that the viewer asked for. */
export type Observation = {
  readonly cvm: Cvm;
  readonly live: LiveState;
  readonly operation: FoundOperation | null;
};

/** One subscriber. */
export type Viewer = {
  /** The operation that it follows; null when it follows the live state. */
  readonly correlationId: string | null;
  readonly values: LatestValue<Observation>;
  /** Whether it has been shown anything. */
  begun: boolean;
};

/** An operation that somebody follows. */
export type WatchedOperation = {
  found: FoundOperation | null;
  /** Whether its row has been looked for. */
  known: boolean;
  /** Whether the live state named it last. */
  carried: boolean;
  /** How often it was looked for in vain since something changed. */
  waits: number;
  /** The poll that looks for it next. */
  nextTick: number;
};

/** A CVM that somebody follows. */
export type WatchedCvm = {
  cvm: Cvm;
  live: LiveState | null;
  /** When `live` was read, on the clock of `performance.now()`. */
  readAt: number;
  readonly viewers: Set<Viewer>;
  readonly operations: Map<string, WatchedOperation>;
  /** A read that concerns this CVM alone and is under way. */
  busy: boolean;
  /** How often it was looked up by itself because the batch left it out. */
  lookups: number;
  /** The poll that looks it up by itself next. */
  nextLookup: number;
};

/** The longest pause between two looks at what may never change, in polls. */
const MAX_WAIT_TICKS = 8;

/** Makes the record of a CVM that nobody follows yet. */
export function createWatchedCvm(cvm: Cvm): WatchedCvm {
  return {
    cvm,
    live: null,
    readAt: 0,
    viewers: new Set(),
    operations: new Map(),
    busy: false,
    lookups: 0,
    nextLookup: 0,
  };
}

/** Makes the record of an operation that nobody has looked for yet. */
export function createWatchedOperation(): WatchedOperation {
  return { found: null, known: false, carried: false, waits: 0, nextTick: 0 };
}

/** The poll at which to look again, later and later. */
export function planNextLook(tick: number, times: number): number {
  return tick + Math.min(2 ** times, MAX_WAIT_TICKS);
}

/** The live state without what always moves. */
export function withoutMeters({ uptime: _uptime, resourceUsage: _usage, ...state }: LiveState) {
  return state;
}

/** Whether two states differ in more than what always moves. */
export function differs(one: LiveState | null, other: LiveState | null): boolean {
  if (one === null || other === null) return one !== other;
  return !isDeepStrictEqual(withoutMeters(one), withoutMeters(other));
}

/** Whether the row of an operation will not change any more. */
function isClosed({ found }: WatchedOperation): boolean {
  return /^(completed|failed)$/i.test(found?.row.rawStatus ?? "");
}

/**
 * Takes in a new live state.
 *
 * @returns the operations whose rows have to be read: those that are new, that the node no longer carries
 * out, or that it never named and that may have moved.
 */
export function noteLiveState(watched: WatchedCvm, live: LiveState, tick: number): string[] {
  const moved = differs(watched.live, live);
  watched.live = live;
  watched.readAt = performance.now();
  return [...watched.operations].flatMap(([correlationId, operation]) => {
    const carried = live.operation?.correlationId === correlationId;
    const vanished = operation.carried && !carried;
    operation.carried = carried;
    if (vanished || moved) Object.assign(operation, { waits: 0, nextTick: tick });
    const due = !operation.known || (!carried && !isClosed(operation) && tick >= operation.nextTick);
    return due ? [correlationId] : [];
  });
}

/** Takes in rows that were read. @returns whether one of them is new or has changed. */
export function noteRows(
  watched: WatchedCvm,
  ids: readonly string[],
  rows: ReadonlyMap<string, FoundOperation>,
): boolean {
  let changed = false;
  for (const id of ids) {
    const operation = watched.operations.get(id);
    const found = rows.get(id);
    if (operation === undefined || found === undefined) continue;
    changed ||= !isDeepStrictEqual(found, operation.found);
    operation.found = found;
  }
  return changed;
}

/** Notes that rows were looked for, found or not, and plans when to look again. */
export function planLooks(watched: WatchedCvm, ids: readonly string[], tick: number): void {
  for (const id of ids) {
    const operation = watched.operations.get(id);
    if (operation === undefined) continue;
    operation.known = true;
    operation.nextTick = planNextLook(tick, operation.waits);
    operation.waits += 1;
  }
}

/** Hands the present state to a viewer, if all that it asked for is known. */
export function showTo({ cvm, live, operations }: WatchedCvm, viewer: Viewer): void {
  const operation = viewer.correlationId === null ? null : operations.get(viewer.correlationId);
  if (live === null || (operation !== null && !operation?.known)) return;
  viewer.begun = true;
  viewer.values.push({ cvm, live, operation: operation?.found ?? null });
}

/** The live state of a CVM that no node reports, as far as the REST API's database tells it. */
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
