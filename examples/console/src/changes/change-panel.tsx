import { Link } from "react-router";
import { useKeyed } from "../app/keyed-store.ts";
import { SignPanel } from "../chain/sign-panel.tsx";
import { Button, Card, Notice, ProgressBar } from "../design/components.tsx";
import { useFirstFocus } from "../design/use-first-focus.ts";
import type { CvmDetailsFragment } from "../gql/graphql.ts";
import { useSession } from "../sign-in/session.tsx";
import { ChangeFailure } from "./change-failure.tsx";
import type { Change } from "./change-store.ts";

type Step = { readonly label: string; readonly stages: readonly Change["stage"][] };

/** Steps of a change, in their order. */
function listSteps({ isSigned }: Change): readonly Step[] {
  const signing: readonly Step[] = [
    { label: "Sign", stages: ["signing"] },
    { label: "Confirm", stages: ["confirming"] },
  ];
  return [
    { label: "Prepare", stages: ["preparing"] },
    { label: "Send", stages: ["sending", "resolving"] },
    ...(isSigned ? signing : []),
    { label: "Restart", stages: ["following"] },
  ];
}

function Steps({ change }: { readonly change: Change }) {
  const steps = listSteps(change);
  const present = steps.findIndex(({ stages }) => stages.includes(change.stage));
  return (
    <ol className="steps">
      {steps.map(({ label }, index) => (
        <li
          key={label}
          {...(index < present && { "data-state": "done" })}
          {...(index === present && { "aria-current": "step" as const })}
        >
          {label}
        </li>
      ))}
    </ol>
  );
}

function describeStage({ stage, operation, input }: Change): string {
  if (stage === "preparing") return "Reading the CVM";
  if (stage === "sending") {
    return input.waitIfBusySeconds
      ? "Sending the change when the running operation has ended"
      : "Sending the change";
  }
  if (stage === "signing") return "Waiting for the signature";
  if (stage === "confirming") return "Waiting until the chain shows the registration";
  return operation?.step ?? "The CVM is being changed";
}

function RunningChange({ change }: { readonly change: Change }) {
  const percent = change.operation?.percent ?? 0;
  const focus = useFirstFocus<HTMLDivElement>();
  return (
    <div ref={focus} tabIndex={-1}>
      <RunningCard change={change} percent={percent} />
    </div>
  );
}

type RunningProps = { readonly change: Change; readonly percent: number };

function RunningCard({ change, percent }: RunningProps) {
  return (
    <Card title="Applying your change">
      <p className="muted">{change.labels.join(", ")}</p>
      <Steps change={change} />
      {change.stage === "resolving" ? (
        <Notice tone="warning" title="The answer was lost on the way" isLive>
          <p>
            Nobody knows yet whether the change was applied. The console compares the operations and the
            configuration of the CVM with those from before. It sends nothing until it knows.
          </p>
        </Notice>
      ) : (
        change.signature === null && (
          <>
            <div className="row row-apart">
              <span role="status">{describeStage(change)}</span>
              <span className="muted">{percent} %</span>
            </div>
            <ProgressBar label="Progress of the change" percent={percent} />
            {change.stage === "confirming" && (
              <Button isSmall onClick={change.stopWaiting}>
                Stop waiting
              </Button>
            )}
          </>
        )
      )}
      {change.signature !== null && (
        <SignPanel key={change.signature.transaction.data} signature={change.signature} />
      )}
    </Card>
  );
}

type CompletedProps = {
  readonly change: Change;
  readonly cvm: CvmDetailsFragment;
  readonly onDismiss: () => void;
};

function CompletedChange({ change, cvm, onDismiss }: CompletedProps) {
  const isUnchanged = change.result?.status === "NO_CHANGE";
  const focus = useFirstFocus<HTMLDivElement>("lost");
  const { priceBefore } = change;
  const priceAfter = cvm.resources.hourlyRate ?? null;
  return (
    <div ref={focus} tabIndex={-1}>
      <Notice
        tone="success"
        title={isUnchanged ? "The CVM has this configuration already" : "Your change is applied"}
        isLive
        actions={
          <>
            <Button isSmall onClick={onDismiss}>
              Close
            </Button>
            <Link to={`/cvms/${cvm.id}/history`}>History</Link>
          </>
        }
      >
        <p>
          {change.labels.join(", ")}
          {isUnchanged && ". Nothing was restarted."}
        </p>
        {priceBefore !== priceAfter && priceAfter !== null && (
          <p>
            Price per hour: {priceBefore === null ? "unknown" : `$${priceBefore}`} →{" "}
            <strong>${priceAfter}</strong>
          </p>
        )}
      </Notice>
    </div>
  );
}

/** The change of this page: its progress, and how it has ended. */
export function ChangePanel({ cvm }: { readonly cvm: CvmDetailsFragment }) {
  const { changes } = useSession();
  const change = useKeyed(changes, cvm.id);
  if (change === null) return null;
  if (change.status === "running") return <RunningChange change={change} />;
  if (change.status === "failed") return <ChangeFailure change={change} />;
  return <CompletedChange change={change} cvm={cvm} onDismiss={() => changes.dismiss(cvm.id)} />;
}
