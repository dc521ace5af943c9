import type { CvmRef } from "../upstream/cvm-ref.ts";
import type { Cvm } from "../upstream/resources/cvms.ts";

/** The CVMs that the identifiers of the subscribers stand for. */
export type CvmResolutions = {
  /** Number of identifiers that are being resolved. */
  readonly pending: number;
  /** Find the CVM of an identifier. While the CVM is followed, all subscribers share one read. */
  resolve(ref: CvmRef): Promise<Cvm>;
  /** Forget all identifiers of a CVM that nobody follows any more. */
  forget(cvmId: string): void;
};

type Resolution = { readonly promise: Promise<Cvm>; cvmId: string | null };

/** Create an empty {@link CvmResolutions}. */
export function createCvmResolutions(fetchOne: (ref: CvmRef) => Promise<Cvm>): CvmResolutions {
  const resolutions = new Map<CvmRef, Resolution>();
  let pending = 0;
  return {
    get pending() {
      return pending;
    },
    async resolve(ref) {
      const known = resolutions.get(ref);
      if (known !== undefined) return known.promise;
      const resolution: Resolution = { promise: fetchOne(ref), cvmId: null };
      resolutions.set(ref, resolution);
      pending += 1;
      try {
        const cvm = await resolution.promise;
        resolution.cvmId = cvm.id;
        return cvm;
      } catch (error) {
        resolutions.delete(ref);
        throw error;
      } finally {
        pending -= 1;
      }
    },
    forget(id) {
      for (const [ref, { cvmId }] of resolutions) if (cvmId === id) resolutions.delete(ref);
    },
  };
}
