import { useEffect, useState } from "react";
import { ErrorNotice } from "../app/error-notice.tsx";
import { useKeyed } from "../app/keyed-store.ts";
import type { EnvironmentDraft } from "../changes/draft.ts";
import { useConfiguration } from "../compose/use-configuration.ts";
import { useCvm } from "../cvm/use-cvm.ts";
import { Button, Card, Loading } from "../design/components.tsx";
import { useSession } from "../sign-in/session.tsx";
import { EnvironmentNotices } from "./environment-notices.tsx";
import { KeyCard } from "./key-card.tsx";
import { PasteDialog } from "./paste-dialog.tsx";
import { checkKey, type KeyTrust, type SealingKey } from "./seal.ts";
import { VariableRow } from "./variable-row.tsx";
import {
  addVariable,
  changeVariable,
  createEnvironment,
  dropVariable,
  fillIn,
  hasChanges,
} from "./variables.ts";

/** Check who has signed the key of the CVM. Null until that is known. */
function useKeyTrust(key: SealingKey | null): KeyTrust | null {
  const { trustedRootKeys } = useSession().settings;
  const [trust, setTrust] = useState<KeyTrust | null>(null);
  const { publicKey, signature = null, appId = null } = key ?? {};
  useEffect(() => {
    if (publicKey === undefined) return;
    let isCurrent = true;
    const found = checkKey({ publicKey, signature, appId }, trustedRootKeys);
    found.then(
      (result) => isCurrent && setTrust(result),
      () => isCurrent && setTrust({ kind: "wrong", reason: "the key cannot be checked" }),
    );
    return () => {
      isCurrent = false;
    };
  }, [publicKey, signature, appId, trustedRootKeys]);
  return trust;
}

/** Variables of a CVM: their names, and new values that are sealed in the browser. */
export function EnvironmentTab() {
  const { cvm, draft } = useCvm();
  const { changes } = useSession();
  const change = useKeyed(changes, cvm.id);
  const { configuration, error, isLoading, refetch, sealingKey } = useConfiguration(cvm);
  const trust = useKeyTrust(sealingKey);
  const [isPasting, setIsPasting] = useState(false);
  if (isLoading) return <Loading lines={8} label="Reading the variables" />;
  const allowedEnvs = configuration?.compose?.allowedEnvs;
  if (allowedEnvs === undefined) {
    return (
      <ErrorNotice
        title="The names of the variables cannot be read"
        error={error ?? new Error("The gateway returned no names.")}
        actions={<Button onClick={() => void refetch()}>Try again</Button>}
      />
    );
  }
  const environment = draft.draft?.settings.environment ?? createEnvironment(allowedEnvs);
  const canEdit = cvm.viewerCan.environment && change?.status !== "running";
  const set = (next: EnvironmentDraft) => draft.patch({ environment: hasChanges(next) ? next : undefined });
  return (
    <div className="stack">
      <Card title="Variables">
        <p className="muted">
          Values are sealed in this browser to the key of the CVM. Nobody on the way can read them, and nobody
          can read them back, not even you. A new environment replaces the whole: type every value again.
        </p>
        {environment.variables.length === 0 && <p className="empty">The CVM has no variables.</p>}
        <div>
          {environment.variables.map((variable) => (
            <VariableRow
              key={variable.row}
              variable={variable}
              canEdit={canEdit}
              onChange={(patch) => set(changeVariable(environment, variable.row, patch))}
              onDrop={() => set(dropVariable(environment, variable.row))}
            />
          ))}
        </div>
        {canEdit && (
          <div className="row">
            <Button onClick={() => set(addVariable(environment))}>Add a variable</Button>
            <Button look="quiet" onClick={() => setIsPasting(true)}>
              Paste an .env file
            </Button>
          </div>
        )}
        {!cvm.viewerCan.environment && (
          <p className="muted">Your roles allow you to see the names of the variables.</p>
        )}
        <EnvironmentNotices environment={environment} />
      </Card>
      <KeyCard
        trust={trust}
        hasKey={sealingKey !== null}
        environment={environment}
        canEdit={canEdit}
        onTrust={(trustsUnsignedKey) => set({ ...environment, trustsUnsignedKey })}
      />
      {isPasting && (
        <PasteDialog
          onClose={() => setIsPasting(false)}
          onPaste={(file) => {
            set(fillIn(environment, file));
            setIsPasting(false);
          }}
        />
      )}
    </div>
  );
}
