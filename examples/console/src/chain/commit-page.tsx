import { useMutation } from "@apollo/client/react";
import { type FormEvent, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { ErrorNotice } from "../app/error-notice.tsx";
import { useCvm } from "../cvm/use-cvm.ts";
import { Button, Card, Choice, Facts, Field, Notice } from "../design/components.tsx";
import { CommitChangeDocument } from "../gql/graphql.ts";
import { type CommitTicket, readCommitLink } from "./commit-link.ts";

const HASH = /^(?:0x)?[0-9a-f]{64}$/i;

function CommitForm({ ticket }: { readonly ticket: CommitTicket }) {
  const { cvm } = useCvm();
  const navigate = useNavigate();
  const [transactionHash, setTransactionHash] = useState("");
  const [isRegistered, setIsRegistered] = useState(false);
  // One key for all attempts: a repeat after a lost answer does nothing twice.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const [commit, { data, error, loading }] = useMutation(CommitChangeDocument);
  const hash = transactionHash.trim();
  const isComplete = isRegistered || HASH.test(hash);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const input = {
      id: cvm.id,
      token: ticket.token,
      composeHash: ticket.composeHash,
      transactionHash: isRegistered ? "0x" : hash,
      waitForTransactionSeconds: 30,
      waitIfBusySeconds: 60,
      idempotencyKey,
    };
    await commit({ variables: { input } }).catch(() => undefined);
  };
  if (data?.commitCvmUpdate) {
    return (
      <Notice
        tone="success"
        title="The change is committed"
        isLive
        actions={<Button onClick={() => void navigate(`/cvms/${cvm.id}/history`)}>History</Button>}
      >
        <p>The CVM restarts with it. Its progress is shown above.</p>
      </Notice>
    );
  }
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <Facts
        items={[
          ["CVM", cvm.name],
          ["Compose hash", <code key="hash">{ticket.composeHash}</code>],
        ]}
      />
      <Field
        label="Hash of the transaction"
        hint="Of the transaction in which the Safe executed the batch: 0x and 64 hexadecimal digits."
        error={hash !== "" && !HASH.test(hash) ? "This is not the hash of a transaction." : null}
        input={{
          value: transactionHash,
          disabled: isRegistered,
          spellCheck: false,
          autoComplete: "off",
          onChange: (event) => setTransactionHash(event.target.value),
        }}
      />
      <Choice
        label="The hash was registered before, and I do not know the transaction"
        input={{
          type: "checkbox",
          checked: isRegistered,
          onChange: (event) => setIsRegistered(event.target.checked),
        }}
      />
      {error !== undefined && <ErrorNotice title="The change is not committed" error={error} />}
      <div className="row">
        <Button type="submit" look="primary" disabled={!isComplete || loading}>
          {loading ? "Committing…" : "Commit the change"}
        </Button>
      </div>
    </form>
  );
}

/** Page of a commit link: apply a change that was prepared, after its hash is registered on chain. */
export function CommitPage() {
  const { cvm } = useCvm();
  const { hash } = useLocation();
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
      <CommitForm ticket={ticket} />
    </Card>
  );
}
