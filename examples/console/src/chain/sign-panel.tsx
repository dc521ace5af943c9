import { useState } from "react";
import type { PendingSignature } from "../changes/change-store.ts";
import { Button, Facts, Notice } from "../design/components.tsx";
import { useSession } from "../sign-in/session.tsx";
import { connect, findObjection, findWallet, send, sendOnSandbox } from "./wallet.ts";

const titles = {
  "compose-hash": "Register the new configuration",
  device: "Allow the device of this CVM first",
} as const;

/** Ask the owner of the app for a transaction: with the wallet of the browser, or with one click on a sandbox. */
export function SignPanel({ signature }: { readonly signature: PendingSignature }) {
  const { sandboxRpcUrl } = useSession().settings;
  const { transaction, purpose, composeHash } = signature;
  const [isSending, setIsSending] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [objection, setObjection] = useState<string | null>(null);
  const wallet = findWallet();

  const attempt = async (work: () => Promise<string | null>) => {
    setIsSending(true);
    setFailure(null);
    try {
      const hash = await work();
      if (hash !== null) signature.resolve(hash);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : "The transaction was not sent.");
    }
    setIsSending(false);
  };
  const sendWithWallet = () =>
    attempt(async () => {
      if (wallet === null) return null;
      const account = await connect(wallet);
      const found = objection === null ? await findObjection(wallet, account, transaction) : null;
      setObjection(found);
      return found === null ? send(wallet, account, transaction) : null;
    });

  return (
    <section className="stack" aria-label={titles[purpose]}>
      <Notice tone="info" title={titles[purpose]} isLive>
        <p>
          The owner of the app contract has to send this transaction. Nothing is applied before. Compare the
          hash with that of the review.
        </p>
      </Notice>
      <Facts
        items={[
          ["Compose hash", <code key="hash">{composeHash}</code>],
          ["Contract", <code key="to">{transaction.to}</code>],
          ["Chain", transaction.chainId],
          ["Data", <code key="data">{transaction.data}</code>],
        ]}
      />
      {failure !== null && (
        <Notice tone="danger" isLive>
          <p>{failure}</p>
        </Notice>
      )}
      {objection !== null && (
        <Notice tone="warning" isLive>
          <p>{objection}</p>
        </Notice>
      )}
      {wallet === null && sandboxRpcUrl === null && (
        <p>This browser has no wallet. Install one, and load the page again to go on.</p>
      )}
      <div className="row">
        {wallet !== null && (
          <Button look="primary" disabled={isSending} onClick={() => void sendWithWallet()}>
            {objection === null ? "Send with my wallet" : "Send it anyway"}
          </Button>
        )}
        {sandboxRpcUrl !== null && (
          <Button
            look={wallet === null ? "primary" : "plain"}
            disabled={isSending}
            onClick={() => void attempt(() => sendOnSandbox(sandboxRpcUrl, transaction))}
          >
            Send on the sandbox's chain
          </Button>
        )}
        <Button look="quiet" disabled={isSending} onClick={() => signature.cancel()}>
          Do not sign
        </Button>
      </div>
    </section>
  );
}
