import { useApolloClient } from "@apollo/client/react";
import { useEffect, useState } from "react";
import { Link, useNavigate } from "react-router";
import { ErrorNotice } from "../app/error-notice.tsx";
import { useKeyed } from "../app/keyed-store.ts";
import { useConfiguration } from "../compose/use-configuration.ts";
import { useCvm } from "../cvm/use-cvm.ts";
import { Button, Card, Loading, Notice } from "../design/components.tsx";
import { useFirstFocus } from "../design/use-first-focus.ts";
import { type CvmDetailsFragment, ReadCvmDocument } from "../gql/graphql.ts";
import { describePrice, usePrice } from "../settings/use-price.ts";
import { useSession } from "../sign-in/session.tsx";
import { ApplyCard } from "./apply-card.tsx";
import { DraftError } from "./change-input.ts";
import { ConflictNotice } from "./conflict-notice.tsx";
import type { Draft } from "./draft.ts";
import { PlanChanges, PlanMeaning } from "./plan-summary.tsx";
import { ProblemList } from "./problem-list.tsx";
import { TextDiff } from "./text-diff.tsx";
import { type Plan, type Review, useReview } from "./use-review.ts";

function ReviewFailure({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }) {
  if (error instanceof DraftError) {
    return (
      <Notice
        tone="danger"
        title="Correct this first"
        isLive
        actions={<Link to="../environment">Go to the environment</Link>}
      >
        <ul>
          {error.problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      </Notice>
    );
  }
  return (
    <ErrorNotice
      title="The change cannot be planned"
      error={error}
      actions={<Button onClick={onRetry}>Try again</Button>}
    />
  );
}

type TextProps = {
  readonly draft: Draft;
  readonly present: {
    readonly dockerCompose?: string | null;
    readonly preLaunchScript?: string | null;
  } | null;
};

function TextChanges({ draft: { settings }, present }: TextProps) {
  const { dockerComposeFile, preLaunchScript } = settings;
  return (
    <>
      {dockerComposeFile !== undefined && (
        <Card title="Docker Compose file">
          <TextDiff
            label="Changes of the Docker Compose file"
            before={present?.dockerCompose ?? ""}
            after={dockerComposeFile}
          />
        </Card>
      )}
      {preLaunchScript !== undefined && (
        <Card title="Pre-launch script">
          <TextDiff
            label="Changes of the script"
            before={present?.preLaunchScript ?? ""}
            after={preLaunchScript}
          />
        </Card>
      )}
    </>
  );
}

function Problems({ plan }: { readonly plan: Plan }) {
  if (plan.problems.length === 0) return null;
  return (
    <Card title="Problems">
      <ProblemList problems={plan.problems} />
    </Card>
  );
}

/** Whether somebody has changed the configuration since the draft began. */
function hasConflict({ base }: Draft, review: Review): boolean {
  const version = review.kind === "ready" ? review.plan?.configVersion : undefined;
  return version !== undefined && version !== base.configVersion;
}

/** Read the CVM again if the plan knows a newer version of it, because the live state can be late. */
function useFreshCvm({ id, configVersion }: CvmDetailsFragment, plan: Plan | null): void {
  const apollo = useApolloClient();
  const isOld = plan !== null && plan.configVersion !== configVersion;
  useEffect(() => {
    if (!isOld) return;
    const reading = apollo.query({ query: ReadCvmDocument, variables: { id }, fetchPolicy: "network-only" });
    // Without an answer, the live state brings the new version later.
    reading.catch(() => undefined);
  }, [apollo, id, isOld]);
}

function DraftReview({ draft }: { readonly draft: Draft }) {
  const { cvm, draft: actions } = useCvm();
  const navigate = useNavigate();
  const focus = useFirstFocus<HTMLHeadingElement>();
  const price = usePrice(cvm, draft.settings);
  const [attempt, setAttempt] = useState(0);
  const { configuration, sealingKey, isLoading } = useConfiguration(cvm);
  const review = useReview(cvm.id, draft.settings, sealingKey, {
    isReady: !isLoading,
    canPlan: cvm.viewerCan.plan,
    attempt,
  });
  const plan = review.kind === "ready" ? review.plan : null;
  const isConflict = hasConflict(draft, review);
  useFreshCvm(cvm, plan);
  const discard = () => {
    actions.discard();
    void navigate(`/cvms/${cvm.id}`);
  };
  return (
    <div className="stack">
      <h2 ref={focus} tabIndex={-1}>
        Review your change
      </h2>
      {review.kind === "working" && (
        <Card>
          <Loading lines={6} label="Planning the change" />
        </Card>
      )}
      {review.kind === "failed" && (
        <ReviewFailure error={review.error} onRetry={() => setAttempt(attempt + 1)} />
      )}
      {isConflict && plan !== null && (
        <ConflictNotice
          base={draft.base}
          present={cvm}
          onKeep={() => actions.moveTo(plan.configVersion)}
          onDiscard={discard}
        />
      )}
      {plan !== null && (
        <>
          <PlanMeaning plan={plan} price={describePrice(price)} />
          <Problems plan={plan} />
          <PlanChanges plan={plan} />
        </>
      )}
      <TextChanges draft={draft} present={configuration} />
      {review.kind === "ready" && !isConflict && (
        <ApplyCard cvm={cvm} draft={draft} input={review.input} plan={plan} />
      )}
      <div className="row">
        <Link to={`/cvms/${cvm.id}`}>Back to the CVM</Link>
        <Button look="quiet" isSmall onClick={discard}>
          Discard my change
        </Button>
      </div>
    </div>
  );
}

/** Review of the draft. Nothing is applied without it. */
export function ReviewPage() {
  const { cvm, draft } = useCvm();
  const { changes } = useSession();
  const change = useKeyed(changes, cvm.id);
  if (change?.status === "running") return null;
  if (draft.draft !== null) return <DraftReview draft={draft.draft} />;
  if (change !== null) return null;
  return (
    <Notice title="There is nothing to review">
      <p>
        Change something on one of the tabs first. <Link to={`/cvms/${cvm.id}`}>Back to the CVM</Link>
      </p>
    </Notice>
  );
}
