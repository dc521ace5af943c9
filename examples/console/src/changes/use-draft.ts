import { useKeyed } from "../app/keyed-store.ts";
import type { CvmDetailsFragment } from "../gql/graphql.ts";
import { useSession } from "../sign-in/session.tsx";
import { type Draft, type DraftSettings, patchDraft } from "./draft.ts";

/** Draft of one CVM, and what changes it. */
export type DraftActions = {
  readonly draft: Draft | null;
  /** Change settings of the draft. `undefined` takes a setting out. */
  patch(patch: DraftSettings): void;
  discard(): void;
  /** Keep the settings, on top of another version of the configuration. */
  moveTo(version: string): void;
};

/**
 * Return the draft of a CVM.
 *
 * @param cvm - as the person sees it now. A draft that begins is based on it
 */
export function useDraft(cvm: CvmDetailsFragment): DraftActions {
  const { drafts } = useSession();
  const draft = useKeyed(drafts, cvm.id);
  return {
    draft,
    patch: (patch) => drafts.set(cvm.id, patchDraft(drafts.get(cvm.id), patch, cvm)),
    discard: () => drafts.set(cvm.id, null),
    moveTo(configVersion) {
      const present = drafts.get(cvm.id);
      if (present !== null) drafts.set(cvm.id, { ...present, base: { ...cvm, configVersion } });
    },
  };
}
