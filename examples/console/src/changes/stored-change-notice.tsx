import { useState } from "react";
import { useKeyed } from "../app/keyed-store.ts";
import { Button, Notice } from "../design/components.tsx";
import { useSession } from "../sign-in/session.tsx";
import { findStoredChange, forgetChange } from "./stored-change.ts";

/** Offer to go on with a change that was interrupted when the page was loaded again. */
export function StoredChangeNotice({ cvmId }: { readonly cvmId: string }) {
  const { changes } = useSession();
  const change = useKeyed(changes, cvmId);
  const [stored, setStored] = useState(() => findStoredChange(cvmId));
  if (stored === null || change !== null) return null;
  const { state, labels, priceBefore } = stored;
  const resume = () => {
    setStored(null);
    changes.resume({ cvmId, labels, priceBefore, input: { id: cvmId }, draft: null }, state);
  };
  const forget = () => {
    forgetChange(cvmId);
    setStored(null);
  };
  return (
    <Notice
      tone="warning"
      title="A change was interrupted"
      actions={
        <>
          <Button look="primary" onClick={resume}>
            Go on with it
          </Button>
          <Button onClick={forget}>Forget it</Button>
        </>
      }
    >
      <p>
        You began to change: {labels.join(", ")}. The console first reads whether the change was applied, and
        sends nothing twice.
      </p>
    </Notice>
  );
}
