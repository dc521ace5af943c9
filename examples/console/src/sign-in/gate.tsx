import { type ReactNode, useCallback, useState } from "react";
import { PageFrame } from "../app/page-frame.tsx";
import type { Settings } from "../app/settings.ts";
import { CommitAlonePage } from "../chain/commit-alone-page.tsx";
import { findCommitLink } from "../chain/commit-link.ts";
import { ApiKeyPage } from "./api-key-page.tsx";
import { type Credential, NO_CREDENTIAL } from "./credential.ts";
import { openSession, type Session, SessionProvider } from "./session.tsx";
import { SignInPage } from "./sign-in-page.tsx";

type Props = {
  readonly settings: Settings;
  /** Why a sign-in has failed. */
  readonly problem: string | null;
  /** Open the session of a person whom the provider has just sent back. */
  readonly openFirst: (onEnd: () => void) => Session | null;
  readonly children: ReactNode;
};

/** Let people in who have a credential, and ask everyone else for one. */
export function Gate({ settings, problem, openFirst, children }: Props) {
  const [session, setSession] = useState<Session | null>(() => openFirst(() => setSession(null)));
  const [link, setLink] = useState(() => (settings.signIn === null ? findCommitLink() : null));
  const enter = useCallback(
    (credential: Credential) => setSession(openSession(settings, credential, () => setSession(null))),
    [settings],
  );
  const [anonymous] = useState(() => openSession(settings, NO_CREDENTIAL, () => undefined));
  if (session !== null) return <SessionProvider session={session}>{children}</SessionProvider>;
  if (link !== null) {
    return (
      <PageFrame isNarrow>
        <SessionProvider session={anonymous}>
          <CommitAlonePage {...link} onOpen={() => setLink(null)} />
        </SessionProvider>
      </PageFrame>
    );
  }
  return (
    <PageFrame isNarrow>
      {settings.signIn === null ? (
        <ApiKeyPage settings={settings} onEnter={enter} />
      ) : (
        <SignInPage settings={settings.signIn} problem={problem} />
      )}
    </PageFrame>
  );
}
