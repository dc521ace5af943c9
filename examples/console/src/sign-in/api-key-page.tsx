import { type FormEvent, useState } from "react";
import type { Settings } from "../app/settings.ts";
import { Button, Field, Notice } from "../design/components.tsx";
import { type Credential, createKeyCredential } from "./credential.ts";

type Props = { readonly settings: Settings; readonly onEnter: (credential: Credential) => void };

/** Page that asks for an API key, where the gateway has no sign-in. */
export function ApiKeyPage({ settings, onEnter }: Props) {
  const [key, setKey] = useState(settings.sandboxKey ?? "");
  const [workspace, setWorkspace] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim() !== "") onEnter(createKeyCredential(key, workspace));
  };
  return (
    <form className="stack stack-large" onSubmit={submit}>
      <div className="stack stack-small">
        <h1>Open a workspace</h1>
        <p className="muted">
          The key is sent to {new URL(settings.gatewayUrl).host} with each request. It stays in the memory of
          this tab, and a reload forgets it.
        </p>
      </div>
      {settings.sandboxKey !== null && (
        <Notice tone="info" title="This gateway uses the sandbox">
          <p>Nothing here is real. Each key that starts with sandbox- has CVMs of its own.</p>
        </Notice>
      )}
      <Field
        label="API key"
        input={{
          type: settings.sandboxKey === null ? "password" : "text",
          value: key,
          required: true,
          autoComplete: "off",
          spellCheck: false,
          onChange: (event) => setKey(event.target.value),
        }}
      />
      <Field
        label="Workspace (optional)"
        hint="Slug of another workspace that the key can reach."
        input={{
          value: workspace,
          autoComplete: "off",
          spellCheck: false,
          pattern: "[a-z0-9\\-]*",
          onChange: (event) => setWorkspace(event.target.value),
        }}
      />
      <Button type="submit" look="primary">
        Open
      </Button>
    </form>
  );
}
