import { useMutation } from "@apollo/client/react";
import { type FormEvent, type ReactNode, useState } from "react";
import { ErrorNotice } from "../app/error-notice.tsx";
import { Button, Choice, Facts, Field } from "../design/components.tsx";
import { CommitChangeDocument } from "../gql/graphql.ts";
import { useSession } from "../sign-in/session.tsx";
import type { CommitTicket } from "./commit-link.ts";

const HASH = /^(?:0x)?[0-9a-f]{64}$/i;

type Props = {
  readonly cvmId: string;
  /** Name of the CVM, or its id for a person who may not read it. */
  readonly name: string;
  readonly ticket: CommitTicket;
  /** What is shown after the commit. */
  readonly children: ReactNode;
};

/** Ask for the transaction that registered the hash, and commit the change. */
export function CommitForm({ cvmId, name, ticket, children }: Props) {
  const { credential } = useSession();
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
      id: cvmId,
      token: ticket.token,
      composeHash: ticket.composeHash,
      transactionHash: isRegistered ? "0x" : hash,
      waitForTransactionSeconds: 30,
      // The gateway looks at the CVM while it waits, which needs a credential.
      ...(credential.kind !== "none" && { waitIfBusySeconds: 60 }),
      idempotencyKey,
    };
    // The error is shown below.
    await commit({ variables: { input } }).catch(() => undefined);
  };
  if (data?.commitCvmUpdate) return children;
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <Facts
        items={[
          ["CVM", name],
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
