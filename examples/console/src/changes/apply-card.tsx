import { useState } from "react";
import { useNavigate } from "react-router";
import { MultisigPanel } from "../chain/multisig-panel.tsx";
import { Button, Card, Choice } from "../design/components.tsx";
import type { CvmDetailsFragment } from "../gql/graphql.ts";
import { useSession } from "../sign-in/session.tsx";
import type { ChangeInput } from "./change-input.ts";
import { type Draft, listDraftLabels } from "./draft.ts";
import type { Plan } from "./use-review.ts";

/** The longest wait that the gateway offers. */
const WAIT_SECONDS = 120;

type Props = {
  readonly cvm: CvmDetailsFragment;
  readonly draft: Draft;
  readonly input: ChangeInput;
  readonly plan: Plan | null;
};

/** Last step of the review: apply the change, or prepare it for several signers. */
export function ApplyCard({ cvm, draft, input, plan }: Props) {
  const { changes, drafts } = useSession();
  const navigate = useNavigate();
  const [ignoresErrors, setIgnoresErrors] = useState(false);
  const [waits, setWaits] = useState(true);
  const [isPreparing, setIsPreparing] = useState(false);
  const hasErrors = plan?.problems.some(({ severity }) => severity === "ERROR") ?? false;
  const isBusy = cvm.inProgress || (plan?.problems.some(({ code }) => code === "OPERATION_RUNNING") ?? false);
  const needsSignature = plan?.requiresOnChainHash ?? false;
  const isUnchanged = plan !== null && plan.changes.length === 0;
  const canConfirm = !needsSignature || cvm.viewerCan.confirm;
  const protectedInput = { ...input, expectedVersion: draft.base.configVersion };
  const apply = () => {
    changes.start({
      cvmId: cvm.id,
      labels: listDraftLabels(draft),
      priceBefore: cvm.resources.hourlyRate ?? null,
      draft,
      input: { ...protectedInput, ...(isBusy && waits && { waitIfBusySeconds: WAIT_SECONDS }) },
    });
    drafts.set(cvm.id, null);
    void navigate(`/cvms/${cvm.id}`);
  };
  if (isPreparing) {
    return <MultisigPanel cvm={cvm} input={protectedInput} onBack={() => setIsPreparing(false)} />;
  }
  return (
    <Card title="Apply">
      {hasErrors && (
        <Choice
          label="Apply it although the dry run found errors"
          hint="The change would be rejected, or the CVM would not start with it. The REST API decides."
          input={{
            type: "checkbox",
            checked: ignoresErrors,
            onChange: (event) => setIgnoresErrors(event.target.checked),
          }}
        />
      )}
      {isBusy && (
        <Choice
          label="Wait until the running operation has ended"
          hint="At most two minutes. Without it, the change is refused while the CVM is busy."
          input={{ type: "checkbox", checked: waits, onChange: (event) => setWaits(event.target.checked) }}
        />
      )}
      {!canConfirm && (
        <p>Your roles do not allow you to confirm a signed change. Prepare it for somebody who may.</p>
      )}
      <div className="row">
        {canConfirm && (
          <Button look="primary" disabled={(hasErrors && !ignoresErrors) || isUnchanged} onClick={apply}>
            {needsSignature ? "Apply and sign" : "Apply"}
          </Button>
        )}
        {needsSignature && (
          <Button disabled={hasErrors && !ignoresErrors} onClick={() => setIsPreparing(true)}>
            Prepare for several signers
          </Button>
        )}
      </div>
    </Card>
  );
}
