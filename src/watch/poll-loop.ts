import { isDeepStrictEqual } from "node:util";
import { hasCode, pollContinuesAfter } from "../errors.ts";
import type { CvmRef } from "../upstream/cvm-ref.ts";
import { type Cvm, fetchCvm } from "../upstream/resources/cvms.ts";
import { findOperations } from "../upstream/resources/operations.ts";
import { type LiveState, toVmKey } from "../upstream/resources/status-batch.ts";
import type { Upstream } from "../upstream/transport/types.ts";
import { createWatchRefs } from "./cvm-refs.ts";
import { createLatestValue, type LatestValue } from "./latest-value.ts";
import { fetchLiveStates, isAboutOne, readRetryAfter } from "./live-states.ts";
import { computePollDelay } from "./poll-pace.ts";
import {
  createWatchedCvm,
  createWatchedOperation,
  differs,
  noteLiveState,
  noteRows,
  type Observation,
  planLooks,
  planNextLook,
  showTo,
  toUnreportedState,
  type Viewer,
  type WatchedCvm,
} from "./watched-cvm.ts";

/** What a watch needs of the process. */
export type WatchOptions = {
  /** Milliseconds between two polls. */
  readonly intervalMs: number;
  /** The REST API with the credential of this watch; a new one for each poll. */
  openUpstream(): Upstream;
};

/** One poll loop for everything that one credential follows. */
export type Watch = {
  /**
   * Follows a CVM, or one operation of it.
   *
   * @throws {GatewayError} those of reading the CVM.
   */
  join(ref: CvmRef, correlationId: string | null, onLeave: () => void): Promise<LatestValue<Observation>>;
  /** Polls as soon as possible, since something has changed. */
  poke(): void;
  /** Ends the loop and every stream. Nothing is sent after it. */
  stop(): void;
};

/** How long a poll that was asked for waits for others to ask for one, milliseconds. */
const GATHER_MS = 5;

/** How often it goes on waiting while CVMs are still being looked up that want to be in it. */
const GATHER_ROUNDS = 10;

/** Starts a watch; it sends nothing before the first {@link Watch.join}. */
export function createWatch({ intervalMs, openUpstream }: WatchOptions): Watch {
  const refs = createWatchRefs((ref) => fetchCvm(openUpstream(), ref));
  const cvms = new Map<string, WatchedCvm>();
  let timer: NodeJS.Timeout | undefined;
  let nextAt = Number.POSITIVE_INFINITY;
  let polling = false;
  let again = false;
  let stopped = false;
  let tick = 0;
  let gathered = 0;
  let pace = { failures: 0, unchanged: 0, retryAfterMs: 0 };

  function schedule(delayMs: number): void {
    if (stopped) return;
    clearTimeout(timer);
    nextAt = performance.now() + delayMs;
    timer = setTimeout(poll, delayMs);
  }

  function poke(): void {
    pace = { ...pace, unchanged: 0 };
    if (polling) again = true;
    else if (pace.failures === 0 || nextAt === Number.POSITIVE_INFINITY) schedule(GATHER_MS);
  }

  const isFollowed = (watched: WatchedCvm) => cvms.get(watched.cvm.id) === watched;

  function failAll(watched: WatchedCvm, error: unknown): void {
    for (const { values } of [...watched.viewers]) values.fail(error);
    forget(watched);
  }

  function forget(watched: WatchedCvm): void {
    if (isFollowed(watched)) cvms.delete(watched.cvm.id);
    refs.forget(watched.cvm.id);
    if (cvms.size === 0) {
      clearTimeout(timer);
      nextAt = Number.POSITIVE_INFINITY;
    }
  }

  /** Runs a read that concerns one CVM alone, beside the loop, so that a slow one holds up nobody else. */
  async function runAlone(watched: WatchedCvm, read: () => Promise<void>): Promise<boolean> {
    if (watched.busy) return false;
    watched.busy = true;
    try {
      await read();
      return true;
    } catch (error) {
      if (!hasCode(error, pollContinuesAfter)) failAll(watched, error);
      return false;
    } finally {
      watched.busy = false;
    }
  }

  async function readRows(watched: WatchedCvm, upstream: Upstream, ids: readonly string[]): Promise<void> {
    try {
      const rows = await findOperations(upstream, watched.cvm.id, ids);
      if (noteRows(watched, ids, rows)) pace = { ...pace, unchanged: 0 };
    } finally {
      planLooks(watched, ids, tick);
      for (const viewer of watched.viewers) if (viewer.correlationId !== null) showTo(watched, viewer);
    }
  }

  function observe(watched: WatchedCvm, upstream: Upstream, live: LiveState): void {
    if (differs(watched.live, live)) pace = { ...pace, unchanged: 0 };
    const same = isDeepStrictEqual(watched.live, live);
    const ids = noteLiveState(watched, live, tick);
    for (const viewer of watched.viewers) {
      const awaited = viewer.correlationId !== null && ids.includes(viewer.correlationId);
      if (!awaited && (!same || !viewer.begun)) showTo(watched, viewer);
    }
    if (ids.length > 0) void runAlone(watched, () => readRows(watched, upstream, ids));
  }

  /** Asks for a CVM that the batch left out: it may be deleted, forbidden, not yet placed or out of sight. */
  async function lookUp(watched: WatchedCvm, upstream: Upstream): Promise<void> {
    if (tick < watched.nextLookup) return;
    watched.nextLookup = planNextLook(tick, watched.lookups);
    watched.lookups += 1;
    const found = await runAlone(watched, async () => {
      watched.cvm = await fetchCvm(upstream, watched.cvm.id);
    });
    if (found && isFollowed(watched)) observe(watched, upstream, toUnreportedState(watched.cvm));
  }

  function takeIn(upstream: Upstream, states: ReadonlyMap<string, LiveState>, asked: readonly WatchedCvm[]) {
    for (const watched of asked) {
      if (!isFollowed(watched)) continue;
      const { vmUuid } = watched.cvm;
      const live = vmUuid === null ? undefined : states.get(toVmKey(vmUuid));
      if (live === undefined) void lookUp(watched, upstream);
      else {
        watched.lookups = 0;
        watched.nextLookup = 0;
        observe(watched, upstream, live);
      }
    }
  }

  function takeFailure(error: unknown, upstream: Upstream, asked: readonly WatchedCvm[]): void {
    pace = { ...pace, failures: pace.failures + 1, retryAfterMs: readRetryAfter(error) };
    if (hasCode(error, pollContinuesAfter)) return;
    for (const watched of asked) {
      // A refusal of the whole batch may be about one of its CVMs: each is asked for by itself.
      if (isAboutOne(error)) void lookUp(watched, upstream);
      else failAll(watched, error);
    }
  }

  async function poll(): Promise<void> {
    if (refs.pending > 0 && gathered < GATHER_ROUNDS) {
      gathered += 1;
      schedule(GATHER_MS);
      return;
    }
    gathered = 0;
    polling = true;
    again = false;
    tick += 1;
    pace = { ...pace, unchanged: pace.unchanged + 1 };
    const upstream = openUpstream();
    const asked = [...cvms.values()];
    try {
      const vmUuids = asked.flatMap(({ cvm: { vmUuid } }) => (vmUuid === null ? [] : [vmUuid]));
      const states = await fetchLiveStates(upstream, vmUuids);
      pace = { ...pace, failures: 0, retryAfterMs: 0 };
      takeIn(upstream, states, asked);
    } catch (error) {
      if (!stopped) takeFailure(error, upstream, asked);
    }
    polling = false;
    if (cvms.size > 0)
      schedule(again && pace.failures === 0 ? GATHER_MS : computePollDelay(intervalMs, pace));
  }

  function admit(cvm: Cvm, correlationId: string | null, onLeave: () => void): LatestValue<Observation> {
    const watched = cvms.get(cvm.id) ?? createWatchedCvm(cvm);
    cvms.set(cvm.id, watched);
    const isNew =
      watched.viewers.size === 0 || (correlationId !== null && !watched.operations.has(correlationId));
    if (correlationId !== null && isNew) watched.operations.set(correlationId, createWatchedOperation());
    const values = createLatestValue<Observation>(() => {
      watched.viewers.delete(viewer);
      const shared = [...watched.viewers].some((other) => other.correlationId === correlationId);
      if (correlationId !== null && !shared) watched.operations.delete(correlationId);
      if (watched.viewers.size === 0) forget(watched);
      onLeave();
    });
    const viewer: Viewer = { correlationId, values, begun: false };
    watched.viewers.add(viewer);
    if (isNew) poke();
    else welcome(watched, viewer);
    return values;
  }

  /** Shows a state that is younger than the interval; otherwise the next poll is now, if none is under way. */
  function welcome(watched: WatchedCvm, viewer: Viewer): void {
    const ageMs = performance.now() - watched.readAt;
    if (ageMs < intervalMs) showTo(watched, viewer);
    else if (!polling) poke();
    pace = { ...pace, unchanged: 0 };
    if (!polling && nextAt - performance.now() > intervalMs)
      schedule(Math.max(GATHER_MS, intervalMs - ageMs));
  }

  return {
    async join(ref, correlationId, onLeave) {
      return admit(await refs.resolve(ref), correlationId, onLeave);
    },
    poke() {
      if (cvms.size > 0) poke();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      for (const watched of [...cvms.values()]) for (const { values } of [...watched.viewers]) values.end();
      cvms.clear();
    },
  };
}
