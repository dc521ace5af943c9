import { useQuery } from "@apollo/client/react";
import { ErrorNotice } from "../app/error-notice.tsx";
import { useCvm } from "../cvm/use-cvm.ts";
import { Badge, Button, Card, Loading, type Tone } from "../design/components.tsx";
import { formatDateTime, formatDuration, formatName } from "../design/format.ts";
import { type OperationStatus, ReadOperationsDocument, type ReadOperationsQuery } from "../gql/graphql.ts";
import { PAGE_SIZE, useNewEntries } from "./use-history-page.ts";

type Connection = NonNullable<NonNullable<ReadOperationsQuery["cvm"]>["operations"]>;

const tones: Readonly<Record<OperationStatus, Tone>> = {
  COMPLETED: "success",
  FAILED: "danger",
  IN_PROGRESS: "info",
  UNKNOWN: "neutral",
};

function OperationTable({ nodes }: Pick<Connection, "nodes">) {
  return (
    <table className="table-stacked">
      <caption className="visually-hidden">Operations, newest first</caption>
      <thead>
        <tr>
          <th scope="col">Operation</th>
          <th scope="col">Result</th>
          <th scope="col">Began</th>
          <th scope="col">Took</th>
        </tr>
      </thead>
      <tbody>
        {nodes.map(({ id, type, status, startedAt, durationMs, errorMessage, step }) => (
          <tr key={id}>
            <th scope="row">{formatName(type)}</th>
            <td data-label="Result">
              <div className="stack stack-small">
                <Badge tone={tones[status]} isBusy={status === "IN_PROGRESS"}>
                  {formatName(status)}
                </Badge>
                {(errorMessage ?? step) && <span className="small muted">{errorMessage ?? step}</span>}
              </div>
            </td>
            <td data-label="Began">{formatDateTime(startedAt) ?? "unknown"}</td>
            <td data-label="Took">{formatDuration(durationMs ?? null) ?? "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Operations of a CVM, newest first. */
export function Operations() {
  const { cvm } = useCvm();
  const { data, error, loading, refetch, fetchMore } = useQuery(ReadOperationsDocument, {
    variables: { id: cvm.id, first: PAGE_SIZE },
    fetchPolicy: "cache-and-network",
  });
  useNewEntries(cvm, refetch);
  const operations = data?.cvm?.operations ?? null;
  if (operations === null) {
    if (loading) return <Loading lines={5} label="Reading the operations" />;
    return (
      <ErrorNotice title="The operations cannot be read" error={error ?? new Error("None were returned.")} />
    );
  }
  const { nodes, pageInfo } = operations;
  return (
    <Card title="Operations">
      {nodes.length === 0 ? (
        <p className="empty">Nothing has been done to this CVM yet.</p>
      ) : (
        <OperationTable nodes={nodes} />
      )}
      {pageInfo.hasNextPage && (
        <div className="row">
          <Button onClick={() => void fetchMore({ variables: { after: pageInfo.endCursor ?? null } })}>
            Show more operations
          </Button>
        </div>
      )}
    </Card>
  );
}
