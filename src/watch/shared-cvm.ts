import type { Cvm } from "../upstream/resources/cvms.ts";
import type { LiveState } from "../upstream/resources/status-batch.ts";

/** The object of a followed CVM. All its subscribers share one read of it. */
export type SharedCvm = {
  /** Replace the object by one that was read for another reason. */
  replace(cvm: Cvm): void;
  /** Note that the object may be out of date. The next {@link read} reads it again. */
  invalidate(): void;
  /**
   * Return the CVM with the status of the live state.
   *
   * @throws {GatewayError} the codes of reading a CVM. The next call tries again.
   */
  read(live: LiveState): Promise<Cvm>;
};

/** Create the shared object of a CVM. @param fetchOne - reads it with the credential of the watch */
export function createSharedCvm(first: Cvm, fetchOne: (id: Cvm["id"]) => Promise<Cvm>): SharedCvm {
  let current = Promise.resolve(first);
  let isStale = false;

  function refresh(): Promise<Cvm> {
    isStale = false;
    current = fetchOne(first.id);
    current.catch(() => {
      isStale = true;
    });
    return current;
  }

  return {
    replace(cvm) {
      current = Promise.resolve(cvm);
      isStale = false;
    },
    invalidate() {
      isStale = true;
    },
    async read(live) {
      // The database can lag behind the node, so the live state decides what the CVM is doing.
      return (await (isStale ? refresh() : current)).withStatus(live.rawStatus, live.inProgress);
    },
  };
}
