import { useQuery, useSubscription } from "@apollo/client/react";
import { Suspense } from "react";
import { Link, Outlet, useLocation, useParams } from "react-router";
import { ErrorNotice } from "../app/error-notice.tsx";
import { ChangePanel } from "../changes/change-panel.tsx";
import { DraftBar } from "../changes/draft-bar.tsx";
import { StoredChangeNotice } from "../changes/stored-change-notice.tsx";
import { useDraft } from "../changes/use-draft.ts";
import { Button, Loading, Notice } from "../design/components.tsx";
import { useFirstFocus } from "../design/use-first-focus.ts";
import { type CvmDetailsFragment, ReadCvmDocument, WatchCvmDocument } from "../gql/graphql.ts";
import { CvmTabs } from "./cvm-tabs.tsx";
import { LiveOperation } from "./live-operation.tsx";
import { StatusBadge } from "./status-badge.tsx";
import type { CvmContext, LiveState } from "./use-cvm.ts";

type ShownProps = { readonly cvm: CvmDetailsFragment; readonly live: LiveState };

function ShownCvm({ cvm, live }: ShownProps) {
  const { pathname } = useLocation();
  const draft = useDraft(cvm);
  const context: CvmContext = { cvm, live, draft };
  const isReview = pathname.endsWith("/review");
  const heading = useFirstFocus<HTMLHeadingElement>("lost");
  return (
    <div className="stack stack-large">
      <title>{`${cvm.name} · CVM console`}</title>
      <div className="stack stack-small">
        <Link className="small" to="/">
          All CVMs
        </Link>
        <div className="row">
          <h1 ref={heading} tabIndex={-1}>
            {cvm.name}
          </h1>
          <StatusBadge status={cvm.status} rawStatus={cvm.rawStatus} isBusy={cvm.inProgress} />
        </div>
      </div>
      <CvmTabs cvmId={cvm.id} draft={draft.draft} />
      <StoredChangeNotice cvmId={cvm.id} />
      <ChangePanel cvm={cvm} />
      <LiveOperation cvmId={cvm.id} live={live} />
      <Suspense fallback={<Loading lines={6} />}>
        <Outlet context={context} />
      </Suspense>
      {!isReview && <DraftBar cvmId={cvm.id} draft={draft} />}
    </div>
  );
}

/** Page of one CVM. It shows the live state, whatever tab is open. */
export function CvmPage() {
  const { id = "" } = useParams();
  const { data, error, loading, refetch } = useQuery(ReadCvmDocument, {
    variables: { id },
    fetchPolicy: "cache-and-network",
  });
  const live = useSubscription(WatchCvmDocument, { variables: { id } });
  const cvm = data?.cvm;
  if (cvm) return <ShownCvm key={cvm.id} cvm={cvm} live={live.data?.cvmState ?? null} />;
  if (error !== undefined) {
    return (
      <div className="stack">
        <Link className="small" to="/">
          All CVMs
        </Link>
        <ErrorNotice
          title="The CVM cannot be read"
          error={error}
          actions={<Button onClick={() => void refetch()}>Try again</Button>}
        />
      </div>
    );
  }
  if (loading) return <Loading lines={8} label="Reading the CVM" />;
  return (
    <Notice title="There is no such CVM">
      <p>It may have been deleted, or it is in another workspace.</p>
      <p>
        <Link to="/">All CVMs</Link>
      </p>
    </Notice>
  );
}
