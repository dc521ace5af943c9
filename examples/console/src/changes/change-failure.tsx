import { CvmGatewayError } from "@cvm-gateway/client";
import type { ReactNode } from "react";
import { Link, useNavigate } from "react-router";
import { ErrorNotice } from "../app/error-notice.tsx";
import { Button } from "../design/components.tsx";
import { useFirstFocus } from "../design/use-first-focus.ts";
import { useSession } from "../sign-in/session.tsx";
import { type Change, canResume, SigningCancelledError, WaitingStoppedError } from "./change-store.ts";
import { findStoredChange } from "./stored-change.ts";

type Answer = { readonly title: string; readonly remedy?: ReactNode };

/** What to say about a failure. Without a remedy, the catalogue of the gateway says what to do. */
function describeFailure(error: unknown, cvmId: string): Answer {
  if (error instanceof SigningCancelledError) {
    return { title: "The change is not signed", remedy: "Sign it now, or forget it." };
  }
  if (error instanceof WaitingStoppedError) {
    return {
      title: "The change is not confirmed",
      remedy:
        "Nothing was applied. Look for the transaction in your wallet. Go on when the chain has it, or go back to your change to sign another one.",
    };
  }
  const code = error instanceof CvmGatewayError ? error.code : null;
  switch (code) {
    case "OPERATION_IN_PROGRESS":
      return {
        title: "The CVM is busy",
        remedy: "Nothing was applied. Wait for the running operation: the change is sent when it has ended.",
      };
    case "VERSION_CONFLICT":
      return {
        title: "Somebody else has changed this CVM",
        remedy: "Nothing was applied. Review your change again: it is compared with the new version.",
      };
    case "OUTCOME_UNKNOWN":
      return {
        title: "Nobody knows whether the change was applied",
        remedy: (
          <>
            The answer was lost, and reading the CVM did not show it. Compare the{" "}
            <Link to={`/cvms/${cvmId}/history`}>history</Link> and the configuration with your change before
            you send it again.
          </>
        ),
      };
    case "NETWORK_ERROR":
    case "INVALID_RESPONSE":
      return {
        title: "The gateway is out of reach",
        remedy:
          "What was sent continues. When you go on, the console first reads whether the change was applied, and sends nothing twice.",
      };
    case "OPERATION_FAILED":
      return {
        title: "The change was accepted, and the CVM could not apply it",
        remedy:
          "The new configuration may be in effect. Read the reason, correct it, and apply another change.",
      };
    case "UNAUTHENTICATED":
      return { title: "Your sign-in has ended" };
    default:
      return { title: "The change was refused" };
  }
}

const WAIT_SECONDS = 120;

/** Why a change has failed, and the buttons that lead on. */
export function ChangeFailure({ change }: { readonly change: Change }) {
  const { changes, drafts } = useSession();
  const navigate = useNavigate();
  const focus = useFirstFocus<HTMLDivElement>("lost");
  const { cvmId, error, input, labels, priceBefore, draft } = change;
  const { title, remedy } = describeFailure(error, cvmId);
  const code = error instanceof CvmGatewayError ? error.code : null;
  const stored = canResume(error) ? findStoredChange(cvmId) : null;
  const goBack = () => {
    drafts.set(cvmId, draft);
    changes.dismiss(cvmId);
    void navigate(`/cvms/${cvmId}/review`);
  };
  const request = { cvmId, labels, priceBefore, draft };
  const actions = (
    <>
      {code === "OPERATION_IN_PROGRESS" && (
        <Button
          look="primary"
          onClick={() => changes.start({ ...request, input: { ...input, waitIfBusySeconds: WAIT_SECONDS } })}
        >
          Wait, then apply
        </Button>
      )}
      {stored !== null && (
        <Button look="primary" onClick={() => changes.resume({ ...request, input }, stored.state)}>
          {error instanceof SigningCancelledError ? "Sign" : "Go on"}
        </Button>
      )}
      {draft !== null && (
        <Button {...(code === "VERSION_CONFLICT" && { look: "primary" as const })} onClick={goBack}>
          {code === "VERSION_CONFLICT" ? "Review again" : "Back to my change"}
        </Button>
      )}
      <Button look="quiet" onClick={() => changes.dismiss(cvmId)}>
        Forget it
      </Button>
    </>
  );
  return (
    <div ref={focus} tabIndex={-1}>
      <ErrorNotice title={title} error={error} actions={actions} {...(remedy !== undefined && { remedy })} />
    </div>
  );
}
