import { useMutation } from "@apollo/client/react";
import { useState } from "react";
import { ErrorNotice } from "../app/error-notice.tsx";
import type { ChangeInput } from "../changes/change-input.ts";
import { Button, Card, Facts, Notice } from "../design/components.tsx";
import { type CvmDetailsFragment, PrepareChangeDocument } from "../gql/graphql.ts";
import { createCommitLink, saveFile } from "./commit-link.ts";

type Props = {
  readonly cvm: CvmDetailsFragment;
  readonly input: ChangeInput;
  readonly onBack: () => void;
};

type PreparedProps = {
  readonly cvm: CvmDetailsFragment;
  readonly composeHash: string;
  readonly commitToken: string;
  readonly safeTransaction: unknown;
  readonly isAllowed: boolean;
};

function PreparedChange({ cvm, composeHash, commitToken, safeTransaction, isAllowed }: PreparedProps) {
  const link = createCommitLink(cvm.id, { composeHash, token: commitToken });
  const [isCopied, setIsCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(link);
    setIsCopied(true);
  };
  return (
    <>
      <Notice tone="success" title="The change is prepared, and nothing is applied" isLive>
        <p>It can be committed within 14 days. Preparing another change of this CVM ends this one.</p>
      </Notice>
      <Facts
        items={[
          ["Compose hash", <code key="hash">{composeHash}</code>],
          ["Registered already", isAllowed ? "yes: commit without a transaction" : "no"],
        ]}
      />
      <ol className="stack">
        <li className="stack stack-small">
          <h3>1. Collect the signatures</h3>
          <p>Open the file in the Transaction Builder of your Safe. Each signer compares the compose hash.</p>
          <div className="row">
            <Button
              disabled={safeTransaction === null || safeTransaction === undefined}
              onClick={() => saveFile(`${cvm.name}-safe.json`, JSON.stringify(safeTransaction, null, 2))}
            >
              Download the Safe file
            </Button>
          </div>
        </li>
        <li className="stack stack-small">
          <h3>2. Commit</h3>
          <p>
            When the Safe has executed the batch, open this link and paste the hash of the transaction. Keep
            the link like a password: anyone who has it can apply this change, once, after the hash is
            registered.
          </p>
          <div className="field">
            <label htmlFor="commit-link">Commit link</label>
            <input
              id="commit-link"
              className="input mono"
              readOnly
              value={link}
              onFocus={(event) => event.target.select()}
            />
          </div>
          <div className="row">
            <Button onClick={() => void copy()}>{isCopied ? "Copied" : "Copy the link"}</Button>
            <a href={link}>Open the commit page</a>
          </div>
        </li>
      </ol>
    </>
  );
}

/** Prepare a change for an owner with several signers. */
export function MultisigPanel({ cvm, input, onBack }: Props) {
  const [prepare, { data, error, loading }] = useMutation(PrepareChangeDocument);
  const prepared = data?.configureCvm ?? null;
  // A new key for each attempt: a repeat with the same key would return a token that a newer one has ended.
  const begin = () =>
    prepare({
      variables: { input: { ...input, prepareOnly: true, idempotencyKey: crypto.randomUUID() } },
    }).catch(() => undefined);
  const isPrepared = prepared?.__typename === "OnChainHashRequired" && prepared.commitToken;
  return (
    <Card title="Several signers">
      {error !== undefined && <ErrorNotice title="The change was not prepared" error={error} />}
      {isPrepared ? (
        <PreparedChange
          cvm={cvm}
          composeHash={prepared.composeHash}
          commitToken={prepared.commitToken ?? ""}
          safeTransaction={prepared.safeTransaction}
          isAllowed={prepared.onChainStatus?.isAllowed === true}
        />
      ) : (
        <p>
          The change is kept at Phala Cloud for 14 days and not applied. You get a file for your Safe and a
          link with which the change is committed after the last signature.
        </p>
      )}
      <div className="row">
        {!isPrepared && (
          <Button look="primary" disabled={loading} onClick={() => void begin()}>
            {loading ? "Preparing…" : "Prepare"}
          </Button>
        )}
        <Button look="quiet" onClick={onBack}>
          Back to the review
        </Button>
      </div>
    </Card>
  );
}
