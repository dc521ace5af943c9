import { useKeyed } from "../app/keyed-store.ts";
import { useCvm } from "../cvm/use-cvm.ts";
import { Card, Choice } from "../design/components.tsx";
import { useSession } from "../sign-in/session.tsx";

const flags = [
  { name: "publicLogs", label: "Container logs", hint: "What the containers write." },
  { name: "publicSysinfo", label: "System statistics", hint: "Memory, load and disks." },
  {
    name: "publicTcbinfo",
    label: "Measurements",
    hint: "Of firmware, OS and configuration. Others need them to verify the CVM.",
  },
] as const;

/** What anyone can read of a CVM without a credential. */
export function VisibilityTab() {
  const { cvm, draft } = useCvm();
  const { changes } = useSession();
  const change = useKeyed(changes, cvm.id);
  const settings = draft.draft?.settings ?? {};
  const isReadOnly = !cvm.viewerCan.configure || change?.status === "running";
  return (
    <Card title="What anyone can read">
      <p className="muted">
        These flags are part of the measured configuration. Changing one restarts the CVM
        {cvm.kms.requiresOnChainHash && ", and needs a transaction of the owner of the app contract"}.
      </p>
      <fieldset className="group stack stack-small" disabled={isReadOnly}>
        <legend className="visually-hidden">Public data</legend>
        {flags.map(({ name, label, hint }) => {
          const present = cvm.visibility[name];
          return (
            <Choice
              key={name}
              isCard
              label={label}
              hint={hint}
              input={{
                type: "checkbox",
                checked: settings[name] ?? present,
                onChange: ({ target }) =>
                  draft.patch({ [name]: target.checked === present ? undefined : target.checked }),
              }}
            />
          );
        })}
      </fieldset>
    </Card>
  );
}
