import { Button, Card, Notice } from "../design/components.tsx";
import { CommitForm } from "./commit-form.tsx";
import type { CommitTicket } from "./commit-link.ts";

type Props = {
  readonly cvmId: string;
  readonly ticket: CommitTicket;
  /** Ask for a key after all, to see the CVM. */
  readonly onOpen: () => void;
};

/** Page of a commit link for a person without a key: the link is the credential. */
export function CommitAlonePage({ cvmId, ticket, onOpen }: Props) {
  return (
    <div className="stack">
      <title>Commit · CVM console</title>
      <h1>Commit a prepared change</h1>
      <p className="muted">
        The link allows you to apply this one change, and nothing else. You need no key for it. Compare the
        compose hash with the one that the signers saw.
      </p>
      <Card>
        <CommitForm cvmId={cvmId} name={cvmId} ticket={ticket}>
          <Notice tone="success" title="The change is committed" isLive>
            <p>The CVM restarts with it. To see its progress, open the workspace with a key.</p>
          </Notice>
        </CommitForm>
      </Card>
      <div className="row">
        <Button look="quiet" onClick={onOpen}>
          Open the workspace with a key
        </Button>
      </div>
    </div>
  );
}
