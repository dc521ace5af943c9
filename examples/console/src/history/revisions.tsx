import { useQuery } from "@apollo/client/react";
import { ErrorNotice } from "../app/error-notice.tsx";
import { useConfiguration } from "../compose/use-configuration.ts";
import { useCvm } from "../cvm/use-cvm.ts";
import { Badge, Button, Card, Loading } from "../design/components.tsx";
import { formatDateTime, formatName, shorten } from "../design/format.ts";
import { ReadRevisionsDocument } from "../gql/graphql.ts";
import { PAGE_SIZE, useNewEntries } from "./use-history-page.ts";

/** Configurations that the app of a CVM had, newest first. */
export function Revisions() {
  const { cvm } = useCvm();
  const { configuration } = useConfiguration(cvm);
  const { data, error, loading, refetch, fetchMore } = useQuery(ReadRevisionsDocument, {
    variables: { id: cvm.id, first: PAGE_SIZE },
    fetchPolicy: "cache-and-network",
  });
  useNewEntries(cvm, refetch);
  const revisions = data?.cvm?.revisions ?? null;
  if (revisions === null) {
    if (loading) return <Loading lines={5} label="Reading the revisions" />;
    if (error === undefined) return null;
    return <ErrorNotice title="The revisions cannot be read" error={error} />;
  }
  const { nodes, pageInfo, totalCount } = revisions;
  const present = configuration?.compose?.hash ?? null;
  return (
    <Card title="Configurations" actions={<span className="muted small">{totalCount} in all</span>}>
      <table className="table-stacked">
        <caption className="visually-hidden">Configurations of the app, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Compose hash</th>
            <th scope="col">Deployed</th>
            <th scope="col">By</th>
            <th scope="col">With</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map(({ id, composeHash, createdAt, triggeredBy, operationType }) => (
            <tr key={id}>
              <th scope="row">
                <span className="row">
                  {composeHash ? <code title={composeHash}>{shorten(composeHash)}</code> : "unknown"}
                  {composeHash !== null && composeHash === present && <Badge tone="success">present</Badge>}
                </span>
              </th>
              <td data-label="Deployed">{formatDateTime(createdAt) ?? "unknown"}</td>
              <td data-label="By">{triggeredBy ?? "unknown"}</td>
              <td data-label="With">{operationType ? formatName(operationType) : "unknown"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {pageInfo.hasNextPage && (
        <div className="row">
          <Button onClick={() => void fetchMore({ variables: { after: pageInfo.endCursor ?? null } })}>
            Show more configurations
          </Button>
        </div>
      )}
    </Card>
  );
}
