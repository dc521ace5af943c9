import type { EnvironmentDraft } from "../changes/draft.ts";
import { Badge, Card, Choice } from "../design/components.tsx";
import type { KeyTrust } from "./seal.ts";
import { hasChanges, readEffect } from "./variables.ts";

type Props = {
  readonly trust: KeyTrust | null;
  readonly hasKey: boolean;
  readonly environment: EnvironmentDraft;
  readonly canEdit: boolean;
  readonly onTrust: (trusts: boolean) => void;
};

const titles: Readonly<Record<KeyTrust["kind"], string>> = {
  verified: "Verified",
  unsigned: "Not verified",
  wrong: "Not genuine",
};

const tones = { verified: "success", unsigned: "warning", wrong: "danger" } as const;

/** Whether the key to which values are sealed is that of the CVM. */
export function KeyCard({ trust, hasKey, environment, canEdit, onTrust }: Props) {
  const needsConsent =
    canEdit &&
    trust?.kind === "unsigned" &&
    hasChanges(environment) &&
    readEffect(environment).kind === "values";
  return (
    <Card
      title="Key"
      actions={trust !== null && <Badge tone={tones[trust.kind]}>{titles[trust.kind]}</Badge>}
    >
      {!hasKey && <p>The CVM has no key yet. Values can be sealed after its first boot.</p>}
      {trust?.kind === "verified" && (
        <p className="muted">
          A key management service that this console trusts has signed the key. Signer:{" "}
          <code>{trust.signer}</code>
        </p>
      )}
      {trust?.kind === "unsigned" && (
        <p className="muted">
          {trust.reason} Whoever seals to it trusts the gateway and Phala Cloud to return the right key.
        </p>
      )}
      {trust?.kind === "wrong" && (
        <p>Nothing is sealed to this key: {trust.reason}. Tell the operator of the gateway.</p>
      )}
      {needsConsent && (
        <Choice
          label="Seal to this key all the same"
          input={{
            type: "checkbox",
            checked: environment.trustsUnsignedKey,
            onChange: (event) => onTrust(event.target.checked),
          }}
        />
      )}
    </Card>
  );
}
