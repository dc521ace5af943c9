import { ApolloProvider } from "@apollo/client/react";
import { type CvmClient, createCvmClient } from "@cvm-gateway/client";
import { createContext, type ReactNode, useContext } from "react";
import { createApollo } from "../app/apollo.ts";
import type { Settings } from "../app/settings.ts";
import { type ChangeStore, createChangeStore } from "../changes/change-store.ts";
import { createDraftStore, type DraftStore } from "../changes/draft.ts";
import type { Credential } from "./credential.ts";

/** What the pages need of a person who has given a credential. */
export type Session = {
  readonly settings: Settings;
  readonly credential: Credential;
  readonly apollo: ReturnType<typeof createApollo>["apollo"];
  readonly lost: ReturnType<typeof createApollo>["lost"];
  readonly client: CvmClient;
  readonly changes: ChangeStore;
  readonly drafts: DraftStore;
  /** Forget the credential and everything that was read with it. */
  end(): void;
};

/** Open the connections of a person to the gateway. */
export function openSession(settings: Settings, credential: Credential, onEnd: () => void): Session {
  const { apollo, lost, close } = createApollo(settings.gatewayUrl, credential);
  const client = createCvmClient({ url: settings.gatewayUrl, headers: credential.headers });
  const changes = createChangeStore(client);
  return {
    settings,
    credential,
    apollo,
    lost,
    client,
    changes,
    drafts: createDraftStore(),
    end() {
      changes.stop();
      close();
      onEnd();
    },
  };
}

const SessionContext = createContext<Session | null>(null);

/** Return the session of the person. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("There is no session here.");
  return session;
}

/** Give the pages below the session. */
export function SessionProvider({
  session,
  children,
}: {
  readonly session: Session;
  readonly children: ReactNode;
}) {
  return (
    <SessionContext value={session}>
      <ApolloProvider client={session.apollo}>{children}</ApolloProvider>
    </SessionContext>
  );
}
