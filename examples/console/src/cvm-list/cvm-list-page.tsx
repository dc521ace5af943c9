import { useQuery } from "@apollo/client/react";
import { useState } from "react";
import { ErrorNotice } from "../app/error-notice.tsx";
import { Button, Card, Loading, Notice } from "../design/components.tsx";
import { ListCvmsDocument } from "../gql/graphql.ts";
import { CvmTable } from "./cvm-table.tsx";

const PAGE_SIZE = 20;

/** List of the CVMs of the workspace, each with its live state. */
export function CvmListPage() {
  const { data, error, loading, fetchMore, refetch } = useQuery(ListCvmsDocument, {
    variables: { first: PAGE_SIZE },
    fetchPolicy: "cache-and-network",
  });
  const [isLoadingMore, setIsLoadingMore] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const cvms = data?.cvms;
  const loadMore = async () => {
    setIsLoadingMore(true);
    setFailure(null);
    try {
      await fetchMore({ variables: { after: cvms?.pageInfo.endCursor ?? null } });
    } catch (reason) {
      setFailure(reason);
    }
    setIsLoadingMore(false);
  };
  return (
    <div className="stack stack-large">
      <title>CVMs · CVM console</title>
      <div className="row row-apart">
        <h1>Confidential VMs</h1>
        {cvms !== undefined && (
          <span className="muted">
            {cvms.nodes.length} of {cvms.totalCount}
          </span>
        )}
      </div>
      {error !== undefined && (
        <ErrorNotice
          title="The list cannot be read"
          error={error}
          actions={<Button onClick={() => void refetch()}>Try again</Button>}
        />
      )}
      {cvms === undefined && error === undefined && (
        <Card>
          <Loading lines={8} label="Reading the list" />
        </Card>
      )}
      {cvms !== undefined && cvms.nodes.length === 0 && (
        <Notice title="This workspace has no CVMs">
          <p>Create one with Phala Cloud. It appears here when the page is loaded again.</p>
        </Notice>
      )}
      {cvms !== undefined && cvms.nodes.length > 0 && <CvmTable cvms={cvms.nodes} />}
      {failure !== null && <ErrorNotice title="The next CVMs cannot be read" error={failure} />}
      {cvms?.pageInfo.hasNextPage === true && (
        <div className="row">
          {/* A first page that arrives later would replace what the button adds. */}
          <Button disabled={isLoadingMore || loading} onClick={() => void loadMore()}>
            {isLoadingMore ? "Reading…" : "Show more"}
          </Button>
        </div>
      )}
    </div>
  );
}
