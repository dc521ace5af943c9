import type { CvmRef } from "../upstream/cvm-ref.ts";
import { type Cvm, fetchCvm } from "../upstream/resources/cvms.ts";
import type { Upstream } from "../upstream/transport/types.ts";
import { createCvmResolutions } from "./cvm-resolutions.ts";
import { createFollowedCvms } from "./followed-cvms.ts";
import { createLatestValue, type LatestValue } from "./latest-value.ts";
import { createPollTimer } from "./poll-timer.ts";
import { createSingleReads } from "./single-reads.ts";
import { pollStatus } from "./status-poll.ts";
import {
  createWatchedOperation,
  type Observation,
  sendCurrent,
  type Viewer,
  type WatchedCvm,
} from "./watched-cvm.ts";

/** What a watch gets from its process. */
export type WatchOptions = {
  /** Milliseconds between two polls. */
  readonly intervalMs: number;
  /** Open the REST API with the credential of this watch. Each poll opens it anew. */
  openUpstream(): Upstream;
};

/** One poll for everything that the subscribers of one credential follow. */
export type Watch = {
  /**
   * Follow a CVM, or one operation of it.
   *
   * @throws {GatewayError} the codes of {@link fetchCvm}
   */
  join(ref: CvmRef, correlationId: string | null, onLeave: () => void): Promise<LatestValue<Observation>>;
  /** Poll as soon as possible, because something has changed. */
  pollSoon(): void;
  /** End the poll and every stream. Nothing is sent afterwards. */
  stop(): void;
};

/** Create a watch. It sends nothing before the first {@link Watch.join}. */
export function createWatch({ intervalMs, openUpstream }: WatchOptions): Watch {
  const fetchOne = (ref: CvmRef) => fetchCvm(openUpstream(), ref);
  const resolutions = createCvmResolutions(fetchOne);
  const followed = createFollowedCvms(fetchOne, (cvmId) => {
    resolutions.forget(cvmId);
    if (followed.size === 0) timer.pause();
  });
  const timer = createPollTimer({
    intervalMs,
    isGathering: () => resolutions.pending > 0,
    hasWork: () => followed.size > 0,
    poll: () => pollStatus(openUpstream(), followed, reads),
  });
  const reads = createSingleReads(followed, timer);

  /** Send a state that is younger than the interval. Poll for an older one, unless a poll is running. */
  function sendRecent(watched: WatchedCvm, viewer: Viewer): void {
    const ageMs = performance.now() - watched.readAt;
    if (ageMs < intervalMs) sendCurrent(watched, viewer);
    else if (!timer.isPolling) timer.pollSoon();
    timer.shorten(ageMs);
  }

  function removeViewer(watched: WatchedCvm, viewer: Viewer): void {
    const { correlationId } = viewer;
    watched.viewers.delete(viewer);
    const isShared = [...watched.viewers].some((other) => other.correlationId === correlationId);
    if (correlationId !== null && !isShared) watched.operations.delete(correlationId);
    if (watched.viewers.size === 0) followed.remove(watched);
  }

  function addViewer(cvm: Cvm, correlationId: string | null, onLeave: () => void): LatestValue<Observation> {
    const watched = followed.add(cvm);
    const isNewOperation = correlationId !== null && !watched.operations.has(correlationId);
    const isNew = watched.viewers.size === 0 || isNewOperation;
    if (correlationId !== null && isNew) watched.operations.set(correlationId, createWatchedOperation());
    const values = createLatestValue<Observation>(() => {
      removeViewer(watched, viewer);
      onLeave();
    });
    const viewer: Viewer = { correlationId, values, hasBegun: false };
    watched.viewers.add(viewer);
    if (isNew) timer.pollSoon();
    else sendRecent(watched, viewer);
    return values;
  }

  return {
    async join(ref, correlationId, onLeave) {
      return addViewer(await resolutions.resolve(ref), correlationId, onLeave);
    },
    pollSoon() {
      if (followed.size > 0) timer.pollSoon();
    },
    stop() {
      timer.stop();
      followed.endAll();
    },
  };
}
