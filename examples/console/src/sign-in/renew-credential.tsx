import { Button } from "../design/components.tsx";
import { beginSignIn } from "./pkce.ts";
import { useSession } from "./session.tsx";

/** Way on for a person whose credential is not accepted, or not any more. */
export function RenewCredential() {
  const { settings, credential, end } = useSession();
  const { signIn } = settings;
  if (credential.kind === "token" && signIn !== null) {
    const begin = () => void beginSignIn(signIn, location.pathname + location.hash).catch(end);
    return (
      <Button look="primary" onClick={begin}>
        Sign in again
      </Button>
    );
  }
  return (
    <Button look="primary" onClick={end}>
      Enter another key
    </Button>
  );
}
