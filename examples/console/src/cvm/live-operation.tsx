import { useSubscription } from "@apollo/client/react";
import { useKeyed } from "../app/keyed-store.ts";
import { Card, ProgressBar } from "../design/components.tsx";
import { formatName } from "../design/format.ts";
import { FollowOperationDocument } from "../gql/graphql.ts";
import { useSession } from "../sign-in/session.tsx";
import type { LiveState } from "./use-cvm.ts";

function RunningOperation({
  cvmId,
  correlationId,
}: {
  readonly cvmId: string;
  readonly correlationId: string;
}) {
  const { data } = useSubscription(FollowOperationDocument, { variables: { cvmId, correlationId } });
  const operation = data?.operation;
  if (operation === undefined || operation.status !== "IN_PROGRESS") return null;
  const { type, step, percent } = operation;
  return (
    <Card title="An operation is running">
      <div className="row row-apart">
        <span>{formatName(type)}</span>
        <span className="muted">{step ?? "waiting for the next step"}</span>
      </div>
      <ProgressBar label={`Progress of ${formatName(type)}`} percent={percent} />
    </Card>
  );
}

type Props = { readonly cvmId: string; readonly live: LiveState };

/** Progress of an operation that was not started by a change of this page. */
export function LiveOperation({ cvmId, live }: Props) {
  const { changes } = useSession();
  const change = useKeyed(changes, cvmId);
  const correlationId = live?.operation?.correlationId ?? null;
  if (correlationId === null || change?.status === "running") return null;
  return <RunningOperation key={correlationId} cvmId={cvmId} correlationId={correlationId} />;
}
