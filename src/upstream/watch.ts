import { isDeepStrictEqual } from "node:util";
import type { CvmRef } from "./cvm-ref.ts";
import { type Cvm, readCvm } from "./cvms.ts";
import type { Upstream } from "./http.ts";
import { createLatestValue, type LatestValue } from "./latest-value.ts";
import { findOperations } from "./operations.ts";
import { type LiveState, toVmKey } from "./status-batch.ts";
import { isAboutOne, isPassing, readLiveStates, readRetryAfter } from "./watch-batch.ts";
import { computePollDelay } from "./watch-pace.ts";
import {
  createWatchedCvm,
  createWatchedOperation,
  differs,
  noteLiveState,
  type Observation,
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

/** How long a poll that was asked for waits for others that ask for one, milliseconds. */
const GATHER_MS = 5;

type Resolution = { readonly promise: Promise<Cvm>; id: string | null };

/** Starts a watch; it sends nothing before the first {@link Watch.join}. */
export function createWatch({ intervalMs, openUpstream }: WatchOptions): Watch {
  const refs = new Map<CvmRef, Resolution>();
  const cvms = new Map<string, WatchedCvm>();
  let timer: NodeJS.Timeout | undefined;
  let nextAt = Number.POSITIVE_INFINITY;
  let polling = false;
  let again = false;
  let stopped = false;
  let tick = 0;
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
    for (const [ref, { id }] of refs) if (id === watched.cvm.id) refs.delete(ref);
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
      if (!isPassing(error)) failAll(watched, error);
      return false;
    } finally {
      watched.busy = false;
    }
  }

  async function readRows(watched: WatchedCvm, upstream: Upstream, ids: readonly string[]): Promise<void> {
    try {
      const rows = await findOperations(upstream, watched.cvm.id, ids);
      for (const id of ids) {
        const operation = watched.operations.get(id);
        if (operation === undefined) continue;
        const found = rows.get(id) ?? operation.found;
        if (!isDeepStrictEqual(found, operation.found)) pace = { ...pace, unchanged: 0 };
        operation.found = found;
      }
    } finally {
      for (const id of ids) {
        const operation = watched.operations.get(id);
        if (operation === undefined) continue;
        operation.known = true;
        operation.nextTick = planNextLook(tick, operation.waits);
        operation.waits += 1;
      }
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
      watched.cvm = await readCvm(upstream, watched.cvm.id);
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
    if (isPassing(error)) return;
    for (const watched of asked) {
      // A refusal of the whole batch may be about one of its CVMs: each is asked for by itself.
      if (isAboutOne(error)) void lookUp(watched, upstream);
      else failAll(watched, error);
    }
  }

  async function poll(): Promise<void> {
    polling = true;
    again = false;
    tick += 1;
    pace = { ...pace, unchanged: pace.unchanged + 1 };
    const upstream = openUpstream();
    const asked = [...cvms.values()];
    try {
      const vmUuids = asked.flatMap(({ cvm: { vmUuid } }) => (vmUuid === null ? [] : [vmUuid]));
      const states = await readLiveStates(upstream, vmUuids);
      pace = { ...pace, failures: 0, retryAfterMs: 0 };
      takeIn(upstream, states, asked);
    } catch (error) {
      if (!stopped) takeFailure(error, upstream, asked);
    }
    polling = false;
    if (cvms.size > 0)
      schedule(again && pace.failures === 0 ? GATHER_MS : computePollDelay(intervalMs, pace));
  }

  /** Reads which CVM an identifier means, once for all who use it while one of them is here. */
  async function resolve(ref: CvmRef): Promise<Cvm> {
    const known = refs.get(ref);
    if (known !== undefined) return known.promise;
    const resolution: Resolution = { promise: readCvm(openUpstream(), ref), id: null };
    refs.set(ref, resolution);
    try {
      const cvm = await resolution.promise;
      resolution.id = cvm.id;
      return cvm;
    } catch (error) {
      refs.delete(ref);
      throw error;
    }
  }

  function admit(cvm: Cvm, correlationId: string | null, onLeave: () => void): LatestValue<Observation> {
    const watched = cvms.get(cvm.id) ?? createWatchedCvm(cvm);
    cvms.set(cvm.id, watched);
    if (correlationId !== null && !watched.operations.has(correlationId)) {
      watched.operations.set(correlationId, createWatchedOperation());
    }
    const values = createLatestValue<Observation>(() => {
      watched.viewers.delete(viewer);
      const shared = [...watched.viewers].some((other) => other.correlationId === correlationId);
      if (correlationId !== null && !shared) watched.operations.delete(correlationId);
      if (watched.viewers.size === 0) forget(watched);
      onLeave();
    });
    const viewer: Viewer = { correlationId, values, begun: false };
    watched.viewers.add(viewer);
    welcome(watched, viewer);
    return values;
  }

  /** A state that is younger than the interval is shown at once; otherwise the next poll is now. */
  function welcome(watched: WatchedCvm, viewer: Viewer): void {
    const ageMs = performance.now() - watched.readAt;
    const operation = viewer.correlationId === null ? null : watched.operations.get(viewer.correlationId);
    if (watched.live === null || ageMs >= intervalMs || operation?.known === false) {
      poke();
      return;
    }
    showTo(watched, viewer);
    pace = { ...pace, unchanged: 0 };
    if (!polling && nextAt - performance.now() > intervalMs) schedule(intervalMs - ageMs);
  }

  return {
    async join(ref, correlationId, onLeave) {
      return admit(await resolve(ref), correlationId, onLeave);
    },
    poke() {
      if (cvms.size > 0) poke();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      for (const watched of [...cvms.values()]) for (const { values } of [...watched.viewers]) values.end();
      cvms.clear();
      refs.clear();
    },
  };
}
