import { useState } from "react";
import type { SignInSettings } from "../app/settings.ts";
import { Button, Notice } from "../design/components.tsx";
import { beginSignIn } from "./pkce.ts";

type Props = { readonly settings: SignInSettings; readonly problem: string | null };

/** Page before the sign-in. The provider asks for the password, and the gateway holds the API keys. */
export function SignInPage({ settings, problem }: Props) {
  const [failure, setFailure] = useState(problem);
  const [isLeaving, setIsLeaving] = useState(false);
  const begin = async () => {
    setIsLeaving(true);
    try {
      await beginSignIn(settings, location.pathname + location.hash);
    } catch (error) {
      const reason = error instanceof Error ? error.message : "It gave no reason.";
      setFailure(`The identity provider cannot be used. ${reason}`);
      setIsLeaving(false);
    }
  };
  return (
    <div className="stack stack-large">
      <div className="stack stack-small">
        <h1>Sign in</h1>
        <p className="muted">
          You sign in at {new URL(settings.issuer).host}. This page never sees your password, and no API key
          reaches it.
        </p>
      </div>
      {failure !== null && (
        <Notice tone="danger" isLive>
          <p>{failure}</p>
        </Notice>
      )}
      <Button look="primary" disabled={isLeaving} onClick={begin}>
        {isLeaving ? "Opening the provider…" : "Sign in"}
      </Button>
    </div>
  );
}
