import type { CvmClient } from "@cvm-gateway/client";
import { RestartCvmDocument, ShutdownCvmDocument, StartCvmDocument } from "@cvm-gateway/client/documents";
import { useState } from "react";
import { ErrorNotice } from "../app/error-notice.tsx";
import { Button } from "../design/components.tsx";
import { Dialog } from "../design/dialog.tsx";
import { useSession } from "../sign-in/session.tsx";
import { useCvm } from "./use-cvm.ts";

/** CVM to act on, and the key that makes a repeat safe. */
type Input = { readonly id: string; readonly idempotencyKey: string };

const actions = {
  start: {
    label: "Start",
    send: (client: CvmClient, input: Input) => client.query(StartCvmDocument, { input }),
    question: "Start this CVM?",
    effect: "It boots with its present configuration.",
  },
  restart: {
    label: "Restart",
    send: (client: CvmClient, input: Input) => client.query(RestartCvmDocument, { input }),
    question: "Restart this CVM?",
    effect: "It shuts down and boots again with its present configuration. It does not answer in between.",
  },
  shutdown: {
    label: "Shut down",
    send: (client: CvmClient, input: Input) => client.query(ShutdownCvmDocument, { input }),
    question: "Shut this CVM down?",
    effect: "Its containers stop. It stays off until someone starts it.",
  },
} as const;

type Action = keyof typeof actions;

const OFF: ReadonlySet<string> = new Set(["STOPPED", "EXITED"]);

/** Buttons that start, restart and shut down a CVM. They are not there for people who may not. */
export function PowerButtons() {
  const { cvm } = useCvm();
  const { client } = useSession();
  const [asked, setAsked] = useState<Action | null>(null);
  const [key, setKey] = useState("");
  const [isSending, setIsSending] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  if (!cvm.viewerCan.power) return null;
  const offered: readonly Action[] = OFF.has(cvm.status) ? ["start"] : ["restart", "shutdown"];
  const ask = (action: Action) => {
    setFailure(null);
    // One key for all attempts: a repeat after a lost answer does nothing twice.
    setKey(crypto.randomUUID());
    setAsked(action);
  };
  const send = async (action: Action) => {
    setIsSending(true);
    setFailure(null);
    try {
      await actions[action].send(client, { id: cvm.id, idempotencyKey: key });
      setAsked(null);
    } catch (error) {
      setFailure(error);
    }
    setIsSending(false);
  };
  return (
    <>
      <div className="row">
        {offered.map((action) => (
          <Button key={action} isSmall disabled={cvm.inProgress} onClick={() => ask(action)}>
            {actions[action].label}
          </Button>
        ))}
      </div>
      {asked !== null && (
        <Dialog title={actions[asked].question} onClose={() => setAsked(null)}>
          <p>{actions[asked].effect}</p>
          {failure !== null && <ErrorNotice title="Nothing was started" error={failure} />}
          <div className="row">
            <Button look="primary" disabled={isSending} onClick={() => void send(asked)}>
              {actions[asked].label}
            </Button>
            <Button onClick={() => setAsked(null)}>Cancel</Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
