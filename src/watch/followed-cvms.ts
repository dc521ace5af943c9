import type { Cvm } from "../upstream/resources/cvms.ts";
import { createSharedCvm } from "./shared-cvm.ts";
import { createWatchedCvm, type WatchedCvm } from "./watched-cvm.ts";

/** The CVMs that the subscribers of one credential follow. */
export type FollowedCvms = {
  readonly size: number;
  list(): WatchedCvm[];
  /** Whether this record is still in use. A read that was slow may end after everyone has left. */
  has(watched: WatchedCvm): boolean;
  /** Return the record of a CVM. Create it if nobody follows the CVM yet. */
  add(cvm: Cvm): WatchedCvm;
  remove(watched: WatchedCvm): void;
  /** End all streams of a CVM with an error. */
  fail(watched: WatchedCvm, error: unknown): void;
  /** End all streams of all CVMs. */
  endAll(): void;
};

/**
 * Create an empty {@link FollowedCvms}.
 *
 * @param fetchOne - reads a CVM for all its subscribers
 * @param onRemove - called with the id of a CVM that nobody follows any more
 */
export function createFollowedCvms(
  fetchOne: (id: Cvm["id"]) => Promise<Cvm>,
  onRemove: (cvmId: string) => void,
): FollowedCvms {
  const cvms = new Map<string, WatchedCvm>();

  const has = (watched: WatchedCvm) => cvms.get(watched.cvm.id) === watched;

  function remove(watched: WatchedCvm): void {
    if (has(watched)) cvms.delete(watched.cvm.id);
    onRemove(watched.cvm.id);
  }

  return {
    get size() {
      return cvms.size;
    },
    list: () => [...cvms.values()],
    has,
    add(cvm) {
      const watched = cvms.get(cvm.id) ?? createWatchedCvm(cvm, createSharedCvm(cvm, fetchOne));
      cvms.set(cvm.id, watched);
      return watched;
    },
    remove,
    fail(watched, error) {
      for (const { values } of [...watched.viewers]) values.fail(error);
      remove(watched);
    },
    endAll() {
      for (const watched of [...cvms.values()]) for (const { values } of [...watched.viewers]) values.end();
      cvms.clear();
    },
  };
}
