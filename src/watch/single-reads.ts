import { isDeepStrictEqual } from "node:util";
import { hasCode, pollContinuesAfter } from "../errors.ts";
import { fetchCvm } from "../upstream/resources/cvms.ts";
import { findOperations } from "../upstream/resources/operations.ts";
import type { LiveState } from "../upstream/resources/status-batch.ts";
import type { Upstream } from "../upstream/transport/types.ts";
import type { FollowedCvms } from "./followed-cvms.ts";
import type { PollTimer } from "./poll-timer.ts";
import {
  computeNextTick,
  forgetMissing,
  hasChanged,
  planOperationReads,
  sendCurrent,
  toUnreportedState,
  updateLiveState,
  updateOperations,
  type WatchedCvm,
} from "./watched-cvm.ts";

/** The reads of a watch that concern one CVM. They run next to the poll, so that a slow one delays nobody else. */
export type SingleReads = {
  /** Take over a live state, send it to the subscribers, and read the operations that it may have changed. */
  observe(watched: WatchedCvm, upstream: Upstream, live: LiveState): void;
  /** Read a CVM that the batch left out: it may be deleted, forbidden, not yet placed, or unreachable. */
  lookUp(watched: WatchedCvm, upstream: Upstream): Promise<void>;
};

/** Create the reads of one watch. */
export function createSingleReads(followed: FollowedCvms, timer: PollTimer): SingleReads {
  /** @returns whether the read succeeded */
  async function runAlone(watched: WatchedCvm, read: () => Promise<void>): Promise<boolean> {
    if (watched.isBusy) return false;
    watched.isBusy = true;
    try {
      await read();
      return true;
    } catch (error) {
      if (!hasCode(error, pollContinuesAfter)) followed.fail(watched, error);
      return false;
    } finally {
      watched.isBusy = false;
    }
  }

  async function refreshOperations(watched: WatchedCvm, upstream: Upstream, ids: readonly string[]) {
    forgetMissing(watched, ids);
    try {
      const rows = await findOperations(upstream, watched.cvm.id, ids);
      if (updateOperations(watched, ids, rows)) timer.noteNews();
    } finally {
      planOperationReads(watched, ids, timer.tick);
      for (const viewer of watched.viewers) if (viewer.correlationId !== null) sendCurrent(watched, viewer);
    }
  }

  function observe(watched: WatchedCvm, upstream: Upstream, live: LiveState): void {
    if (hasChanged(watched.live, live)) timer.noteNews();
    const isSame = isDeepStrictEqual(watched.live, live);
    const ids = updateLiveState(watched, live, timer.tick);
    for (const viewer of watched.viewers) {
      const isAwaited = viewer.correlationId !== null && ids.includes(viewer.correlationId);
      if (!isAwaited && (!isSame || !viewer.hasBegun)) sendCurrent(watched, viewer);
    }
    if (ids.length > 0) void runAlone(watched, () => refreshOperations(watched, upstream, ids));
  }

  return {
    observe,
    async lookUp(watched, upstream) {
      if (timer.tick < watched.nextLookup) return;
      watched.nextLookup = computeNextTick(timer.tick, watched.lookups);
      watched.lookups += 1;
      const succeeded = await runAlone(watched, async () => {
        watched.cvm = await fetchCvm(upstream, watched.cvm.id);
        watched.shared.replace(watched.cvm);
      });
      if (succeeded && followed.has(watched)) observe(watched, upstream, toUnreportedState(watched.cvm));
    },
  };
}
