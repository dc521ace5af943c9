import { useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { useCvm } from "../cvm/use-cvm.ts";
import { Button, Card, Notice } from "../design/components.tsx";
import { CommitForm } from "./commit-form.tsx";
import { readCommitLink } from "./commit-link.ts";

/** Page of a commit link: apply a change that was prepared, after its hash is registered on chain. */
export function CommitPage() {
  const { cvm } = useCvm();
  const { hash } = useLocation();
  const navigate = useNavigate();
  const [ticket] = useState(() => readCommitLink(hash));
  if (ticket === null) {
    return (
      <Notice tone="danger" title="This commit link is not complete">
        <p>Ask the person who prepared the change for the whole link.</p>
      </Notice>
    );
  }
  if (!cvm.viewerCan.confirm) {
    return (
      <Notice title="You may not commit changes">
        <p>Your roles do not have the permission to confirm. Send the link to somebody who has it.</p>
      </Notice>
    );
  }
  return (
    <Card title="Commit a prepared change">
      <CommitForm cvmId={cvm.id} name={cvm.name} ticket={ticket}>
        <Notice
          tone="success"
          title="The change is committed"
          isLive
          actions={<Button onClick={() => void navigate(`/cvms/${cvm.id}/history`)}>History</Button>}
        >
          <p>The CVM restarts with it. Its progress is shown above.</p>
        </Notice>
      </CommitForm>
    </Card>
  );
}
