import { useQuery } from "@apollo/client/react";
import { useEffect, useState } from "react";
import { Badge, Button } from "../design/components.tsx";
import { ReadViewerDocument } from "../gql/graphql.ts";
import { beginSignIn } from "./pkce.ts";
import { useSession } from "./session.tsx";

/** Whether the token of the person has ended. */
function useHasEnded(expiresAt: number | null): boolean {
  const [hasEnded, setHasEnded] = useState(false);
  useEffect(() => {
    if (expiresAt === null) return;
    const timer = setTimeout(() => setHasEnded(true), Math.max(0, expiresAt - Date.now()));
    return () => clearTimeout(timer);
  }, [expiresAt]);
  return hasEnded;
}

/** Right side of the top line: who the person is, and the way out. */
export function SignedInTop() {
  const { settings, credential, end } = useSession();
  const { data } = useQuery(ReadViewerDocument);
  const hasEnded = useHasEnded(credential.expiresAt);
  const viewer = data?.viewer ?? null;
  const who = [viewer?.subject, viewer?.workspace].filter(Boolean).join(" · ");
  const { signIn } = settings;
  return (
    <div className="row">
      {hasEnded && signIn !== null && (
        <Button
          look="primary"
          isSmall
          onClick={() => void beginSignIn(signIn, location.pathname + location.hash)}
        >
          Your sign-in has ended. Sign in again
        </Button>
      )}
      {settings.sandboxKey !== null && (
        <Badge tone="warning" isPlain>
          Sandbox
        </Badge>
      )}
      <span className="who">{who === "" ? new URL(settings.gatewayUrl).host : who}</span>
      <Button look="quiet" isSmall onClick={end}>
        {credential.kind === "token" ? "Sign out" : "Close"}
      </Button>
    </div>
  );
}
