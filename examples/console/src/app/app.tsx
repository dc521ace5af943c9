import { use } from "react";
import { BrowserRouter } from "react-router";
import { Notice } from "../design/components.tsx";
import { createKeyCredential } from "../sign-in/credential.ts";
import { Gate } from "../sign-in/gate.tsx";
import { finishSignIn, isSignInAnswer } from "../sign-in/pkce.ts";
import { openSession, type Session } from "../sign-in/session.tsx";
import { Boundary } from "./boundary.tsx";
import { PageFrame } from "./page-frame.tsx";
import { ConsoleRoutes } from "./routes.tsx";
import { fetchSettings, type Settings } from "./settings.ts";

/** What is known before the first page is shown. */
type Start = {
  readonly settings: Settings;
  /** Result of the sign-in from which the provider has sent the person back. */
  readonly signedIn: Awaited<ReturnType<typeof finishSignIn>> | null;
  readonly problem: string | null;
};

async function start(): Promise<Start> {
  const settings = await fetchSettings();
  if (settings.signIn === null || !isSignInAnswer()) return { settings, signedIn: null, problem: null };
  try {
    const signedIn = await finishSignIn(settings.signIn);
    history.replaceState(null, "", signedIn.returnTo);
    return { settings, signedIn, problem: null };
  } catch (error) {
    const reason = error instanceof Error ? error.message : "The provider gave no reason.";
    return { settings, signedIn: null, problem: `The sign-in failed. ${reason}` };
  }
}

type Started = Start | { readonly failure: string };

const started: Promise<Started> = start().catch((error: unknown) => ({
  failure: error instanceof Error ? error.message : String(error),
}));

function StartedApp() {
  const result = use(started);
  if ("failure" in result) {
    return (
      <PageFrame>
        <Notice tone="danger" title="The console cannot start" isLive>
          <p>{result.failure}</p>
          <p className="muted">The file config.json next to this page names the gateway. See the README.</p>
        </Notice>
      </PageFrame>
    );
  }
  const { settings, signedIn, problem } = result;
  const open = (onEnd: () => void): Session | null => {
    if (signedIn !== null) return openSession(settings, signedIn.credential, onEnd);
    const { signIn, sandboxKey } = settings;
    // A sandbox has nothing to protect, so it opens without a question.
    if (signIn !== null || sandboxKey === null) return null;
    return openSession(settings, createKeyCredential(sandboxKey, ""), onEnd);
  };
  return (
    <BrowserRouter>
      <Gate settings={settings} problem={problem} openFirst={open}>
        <ConsoleRoutes />
      </Gate>
    </BrowserRouter>
  );
}

/** The console. */
export function App() {
  return (
    <Boundary>
      <StartedApp />
    </Boundary>
  );
}
