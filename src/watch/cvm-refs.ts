import type { CvmRef } from "../upstream/cvm-ref.ts";
import type { Cvm } from "../upstream/resources/cvms.ts";

/** Which CVMs the identifiers mean that viewers came with. */
export type WatchRefs = {
  /** How many are being read. */
  readonly pending: number;
  /** Reads which CVM an identifier means, once for all who use it while that CVM is followed. */
  resolve(ref: CvmRef): Promise<Cvm>;
  /** Forgets all identifiers of a CVM that nobody follows any more. */
  forget(cvmId: string): void;
};

/** Makes an empty {@link WatchRefs}. */
export function createWatchRefs(read: (ref: CvmRef) => Promise<Cvm>): WatchRefs {
  const resolutions = new Map<CvmRef, { readonly promise: Promise<Cvm>; id: string | null }>();
  let pending = 0;
  return {
    get pending() {
      return pending;
    },
    async resolve(ref) {
      const known = resolutions.get(ref);
      if (known !== undefined) return known.promise;
      const resolution: { readonly promise: Promise<Cvm>; id: string | null } = {
        promise: read(ref),
        id: null,
      };
      resolutions.set(ref, resolution);
      pending += 1;
      try {
        const cvm = await resolution.promise;
        resolution.id = cvm.id;
        return cvm;
      } catch (error) {
        resolutions.delete(ref);
        throw error;
      } finally {
        pending -= 1;
      }
    },
    forget(cvmId) {
      for (const [ref, { id }] of resolutions) if (id === cvmId) resolutions.delete(ref);
    },
  };
}
