import { useEffect } from "react";
import { Link } from "react-router";
import { Button } from "../design/components.tsx";
import { listDraftLabels } from "./draft.ts";
import type { DraftActions } from "./use-draft.ts";

type Props = { readonly cvmId: string; readonly draft: DraftActions };

/** Ask before the page is left, because a draft is only in its memory. */
function useLeaveQuestion(isAsked: boolean): void {
  useEffect(() => {
    if (!isAsked) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [isAsked]);
}

/** Line at the bottom of the page with what is about to change. All of it is applied with one restart. */
export function DraftBar({ cvmId, draft: { draft, discard } }: Props) {
  useLeaveQuestion(draft !== null);
  if (draft === null) return null;
  const labels = listDraftLabels(draft);
  return (
    <section className="draft-bar" aria-label="Your change">
      <div className="draft-bar-inner">
        <p role="status">
          <strong>Not applied yet:</strong> {labels.join(", ")}
        </p>
        <div className="row">
          <Button onClick={discard}>Discard</Button>
          <Link className="button button-primary" to={`/cvms/${cvmId}/review`}>
            Review change
          </Link>
        </div>
      </div>
    </section>
  );
}
