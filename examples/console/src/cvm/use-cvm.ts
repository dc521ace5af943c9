import { useOutletContext } from "react-router";
import type { DraftActions } from "../changes/use-draft.ts";
import type { CvmDetailsFragment, WatchCvmSubscription } from "../gql/graphql.ts";

/** Live state of the CVM. Null until the first one arrives. */
export type LiveState = WatchCvmSubscription["cvmState"] | null;

/** What the page of a CVM gives to its tabs. */
export type CvmContext = {
  readonly cvm: CvmDetailsFragment;
  readonly live: LiveState;
  readonly draft: DraftActions;
};

/** Return the CVM of the page, in one of its tabs. */
export function useCvm(): CvmContext {
  return useOutletContext<CvmContext>();
}
